//! Templates: what people want a notice to say. They are Jinja's, of which only what
//! shows data is let through, so that no template can run or grow without end: paths,
//! comparisons, a few filters, `if` and `for`.

use std::io::{self, Write};

use minijinja::value::Value;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, filters, tests};
use serde_json::Value as Json;

/// The longest template, in bytes, and the longest text that one makes.
pub const LONGEST: usize = 4096;
pub const LONGEST_TEXT: usize = 20 * 1024;
/// The longest value that a filter writes, in bytes.
const LONGEST_JSON: usize = LONGEST_TEXT;
/// Steps that a rendering may take.
const STEPS: u64 = 10_000;
/// What tags may begin with. Names that are given values could double them again and
/// again, and so could operators that join texts, lists of several values, and loops that
/// call themselves.
const WORDS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];
const JOINING: &[char] = &['~', '*', '+', '{', ','];
const CALLS_ITSELF: &str = "recursive";

/// What is wrong with a template.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// What becomes of what is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It is an error, so that whoever writes a template hears of it.
    IsWrong,
    /// It is nothing, so that a notice goes out all the same.
    IsNothing,
}

/// Renders a template with these variables. What gets too long is cut.
///
/// # Errors
/// What is wrong with it, and where.
pub fn render(source: &str, variables: &Json, missing: Missing) -> Result<String, Wrong> {
    if source.len() > LONGEST {
        return Err(Wrong { line: 1, what: format!("it is longer than {LONGEST} bytes") });
    }
    look_over(source)?;
    let environment = environment(missing);
    let template = environment.template_from_str(source).map_err(|error| wrong(&error))?;
    let mut text = Capped::default();
    match template.render_captured_to(variables, &mut text) {
        Err(error) if error.kind() != ErrorKind::WriteFailure => Err(wrong(&error)),
        _ => Ok(text.text()),
    }
}

fn environment(missing: Missing) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(match missing {
        Missing::IsWrong => UndefinedBehavior::Strict,
        Missing::IsNothing => UndefinedBehavior::Chainable,
    });
    environment.set_fuel(Some(STEPS));
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("title", filters::title);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("length", filters::length);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("default", filters::default);
    environment.add_filter("json", json);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment
}

/// A value as JSON. What is written so again and again doubles each time, so there is an end
/// to it.
fn json(value: Value) -> Result<String, minijinja::Error> {
    let too_long = || minijinja::Error::new(ErrorKind::InvalidOperation, "json is too long");
    let text = serde_json::to_string(&value).map_err(|_| too_long())?;
    if text.len() > LONGEST_JSON { Err(too_long()) } else { Ok(text) }
}

fn wrong(error: &minijinja::Error) -> Wrong {
    let what = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "it takes too many steps".to_owned(),
        (ErrorKind::UndefinedError, _) => "what it shows is not there".to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    Wrong { line: error.line().unwrap_or(1), what }
}

/// Refuses tags that may do more than show data.
fn look_over(source: &str) -> Result<(), Wrong> {
    let mut rest = source;
    while let Some(at) =
        rest.find("{{").into_iter().chain(rest.find("{%")).chain(rest.find("{#")).min()
    {
        let (kind, inside) = (&rest[at..at + 2], &rest[at + 2..]);
        let line = 1 + source[..source.len() - inside.len()].matches('\n').count();
        let refused = |what: String| Err(Wrong { line, what });
        let end = match kind {
            "{#" => inside.find("#}").map(|end| (end, None)),
            _ => end_of_tag(inside, if kind == "{{" { "}}" } else { "%}" }),
        };
        let Some((end, joining)) = end else { return refused("a tag has no end".to_owned()) };
        if let Some(joining) = joining {
            return refused(format!("{joining} is not for templates of notices"));
        }
        let inner = inside[..end].trim_start_matches(['-', '+']).trim_start();
        let word = inner.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
        let word = word.unwrap_or_default();
        if kind == "{%" && !WORDS.contains(&word) {
            return refused(format!("{word:?} is not for templates of notices"));
        }
        if kind == "{%" && inner.contains(CALLS_ITSELF) {
            return refused(format!("{CALLS_ITSELF:?} is not for templates of notices"));
        }
        rest = &inside[end + 2..];
    }
    Ok(())
}

/// Where a tag ends, and the first thing outside of quotes that joins.
fn end_of_tag(inside: &str, close: &str) -> Option<(usize, Option<char>)> {
    let (mut quote, mut escaped, mut joining) = (None, false, None);
    for (at, c) in inside.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if inside[at..].starts_with(close) => return Some((at, joining)),
            None if matches!(c, '"' | '\'') => quote = Some(c),
            // A plus at the beginning is a sign of how much space is left.
            None if JOINING.contains(&c) && !(c == '+' && at == 0) => joining = joining.or(Some(c)),
            None => {}
        }
    }
    None
}

/// Takes as much as a text may be.
#[derive(Default)]
struct Capped(Vec<u8>);

impl Capped {
    fn text(self) -> String {
        let is_cut = self.0.len() >= LONGEST_TEXT;
        let mut text = String::from_utf8_lossy(&self.0).into_owned();
        if is_cut {
            let end = text.floor_char_boundary(LONGEST_TEXT - '\u{2026}'.len_utf8());
            text.truncate(end);
            text.push('\u{2026}');
        }
        text
    }
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = LONGEST_TEXT - self.0.len();
        if room == 0 {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        let taken = bytes.len().min(room);
        self.0.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests_of_templates {
    use serde_json::json;

    use super::*;

    fn check(source: &str, text: &str) {
        let data = json!({ "n": 5, "who": { "name": "Anna <b>" }, "all": ["a", "b"], "long": "x".repeat(30_000) });
        let variables = json!({ "severity": "error", "data": data });
        let rendered = render(source, &variables, Missing::IsWrong);
        assert_eq!(rendered.as_deref(), Ok(text), "{source}");
    }

    fn check_wrong(source: &str, line: usize, told: &str) {
        let variables = json!({ "data": { "all": vec![0; 1000] } });
        let wrong = render(source, &variables, Missing::IsWrong).err();
        assert!(
            wrong.as_ref().is_some_and(|wrong| wrong.line == line && wrong.what.contains(told)),
            "{source}: {wrong:?}"
        );
    }

    #[test]
    fn templates_show_data() {
        check("", "");
        check("{{ data.who.name }} {{ data['n'] }}", "Anna <b> 5");
        check("{% for one in data.all %}{{ one|upper }},{% endfor %}", "A,B,");
        check(
            "{%- if data.n > 4 and severity == 'error' -%} much {%- else %} little{% endif %}",
            "much",
        );
        check("{{ data.all[1] }}{{ data.all|length }}{{ data.all|first }}", "b2a");
        check("{{ '}} ~ {%' }}{# {{ ~ #}", "}} ~ {%");
        check("{{ data.gone|default('none') }}", "none");
        check("{% if data.gone is defined %}there{% endif %}", "");
        check("{{ data.who|json }}", r#"{"name":"Anna <b>"}"#);
        check("{{ data.long }}", &format!("{}\u{2026}", "x".repeat(LONGEST_TEXT - 3)));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        check_wrong("one\n{{ data.gone }}", 2, "not there");
        check_wrong("{{ gone.too }}", 1, "not there");
        check_wrong("\n\n{{ data|explode }}", 3, "unknown filter");
        check_wrong("{% if data %}", 1, "unexpected end");
        check_wrong("{{ data", 1, "no end");
        check_wrong("{{ range(9) }}", 1, "unknown function");
        check_wrong(&format!("{{{{ data{} }}}}", "|json".repeat(60)), 1, "json is too long");
        check_wrong(&"x".repeat(LONGEST + 1), 1, "longer");
        let nested = "{% for a in data.all %}".repeat(3) + &"{% endfor %}".repeat(3);
        check_wrong(&nested, 1, "too many steps");
    }

    /// Each of these would double a text again and again if it were let through.
    #[test]
    fn what_makes_more_of_data_is_refused() {
        for source in [
            "{% set a = 1 %}",
            "{%- with a = 1 %}{% endwith %}",
            "{% macro m() %}{% endmacro %}",
            "{% include 'a' %}",
            "{{ data ~ data }}",
            "{{ data * 9 }}",
            "{{ data + data }}",
            "{% for a in [data, data] %}{% endfor %}",
            "{% for a in[data,data]%}{% endfor %}",
            "{% for a in (data, data) %}{% endfor %}",
            "{% for a in data recursive %}{{ loop(data) }}{% endfor %}",
            "{% for a in data.all + data.all %}{% endfor %}",
            "{{ {'a': data} }}",
        ] {
            check_wrong(source, 1, "is not for templates");
        }
    }

    #[test]
    fn what_is_missing_when_it_goes_out_is_nothing() {
        let rendered = render("a{{ data.gone.too }}b", &json!({ "data": {} }), Missing::IsNothing);
        assert_eq!(rendered.as_deref(), Ok("ab"));
    }
}
