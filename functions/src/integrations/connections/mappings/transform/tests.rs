//! Every transformation over a table of values.

use anyhow::Context;
use serde_json::json;

use super::*;

fn rule(rule: &Json) -> anyhow::Result<Transformation> {
    serde_json::from_value(rule.clone()).context(rule.to_string())
}

fn check(of: Json, before: Json, after: Json) -> anyhow::Result<()> {
    let rule = rule(&of)?;
    assert_eq!(rule.fault(), None, "{of}");
    let record = json!({"first": "Ivan", "second": "", "number": 7, "list": [1]});
    assert_eq!(rule.apply(before.clone(), &record), Ok(after), "{of} of {before}");
    Ok(())
}

fn refused(of: Json, before: Json) -> anyhow::Result<()> {
    let refused = rule(&of)?.apply(before.clone(), &json!({"list": [1]}));
    assert!(refused.is_err(), "{of} of {before}: {refused:?}");
    Ok(())
}

#[test]
fn texts_become_what_the_rules_say() -> anyhow::Result<()> {
    check(json!({"type": "trim"}), json!("  a b "), json!("a b"))?;
    check(json!({"type": "trim"}), json!(null), json!(null))?;
    check(json!({"type": "upper"}), json!("straße"), json!("STRASSE"))?;
    check(json!({"type": "lower"}), json!("ИВАН"), json!("иван"))?;
    check(json!({"type": "upper"}), json!(true), json!("TRUE"))?;
    check(json!({"type": "split", "separator": " ", "index": 1}), json!("a b c"), json!("b"))?;
    check(json!({"type": "split", "separator": " ", "index": 3}), json!("a b c"), json!(null))?;
    check(json!({"type": "replace", "from": "-", "to": ""}), json!("1-2-3"), json!("123"))?;
    check(json!({"type": "substring", "start": 1, "length": 2}), json!("äöüß"), json!("öü"))?;
    check(json!({"type": "substring", "start": 9}), json!("ab"), json!(""))?;
    check(json!({"type": "mask"}), json!("4111111111111111"), json!("************1111"))?;
    check(json!({"type": "mask", "keep": 0}), json!("ab"), json!("**"))?;
    check(json!({"type": "mask", "keep": 4_294_967_295_u32}), json!("ab"), json!("ab"))?;
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    check(json!({"type": "hash"}), json!("hello"), json!(digest))?;
    refused(json!({"type": "upper"}), json!([1]))?;
    let long = json!({"type": "replace", "from": "a", "to": "b".repeat(200)});
    refused(long, json!("a".repeat(1000)))
}

#[test]
fn values_that_are_missing_or_listed_are_replaced() -> anyhow::Result<()> {
    for missing in [json!(null), json!("")] {
        check(json!({"type": "default", "value": 5}), missing, json!(5))?;
    }
    check(json!({"type": "default", "value": 5}), json!(0), json!(0))?;
    let map = json!({"type": "map", "values": {"Я": "I", "1": true}});
    check(map.clone(), json!("Я"), json!("I"))?;
    check(map.clone(), json!(1), json!(true))?;
    refused(map, json!("B"))?;
    let map = json!({"type": "map", "values": {}, "otherwise": "?"});
    check(map, json!("B"), json!("?"))?;
    let concat = json!({"type": "concat", "with": ["first", "second", "none", "number"]});
    check(concat.clone(), json!("Petrov"), json!("Petrov Ivan 7"))?;
    check(concat, json!(null), json!("Ivan 7"))?;
    refused(json!({"type": "concat", "with": ["list"]}), json!("a"))
}

#[test]
fn numbers_and_dates_are_read_as_they_are_written_over_there() -> anyhow::Result<()> {
    let comma = json!({"type": "number", "decimal": "comma"});
    for (text, number) in [
        (json!("1 234,50"), json!(1234.5)),
        (json!("1.234.567"), json!(1_234_567)),
        (json!("\u{a0}-7,0"), json!(-7.0)),
        (json!(3), json!(3)),
    ] {
        check(comma.clone(), text, number)?;
    }
    check(json!({"type": "number"}), json!("1,234.5"), json!(1234.5))?;
    for text in ["", "abc", "1e5", "inf", "1-2", "--1", "1.2.3"] {
        refused(json!({"type": "number"}), json!(text))?;
    }
    let date = json!({"type": "date", "from": "%d.%m.%Y", "to": "%Y-%m-%d"});
    check(date.clone(), json!("29.02.2024"), json!("2024-02-29"))?;
    refused(date.clone(), json!("29.02.2023"))?;
    refused(date, json!("yesterday"))?;
    let zoned = json!({"type": "date", "from": "%Y-%m-%dT%H:%M:%S%z", "to": "%H:%M %A"});
    check(zoned, json!("2026-06-01T21:30:00+0300"), json!("21:30 Monday"))?;
    let epoch = json!({"type": "date", "from": "%s", "to": "%Y-%m-%dT%H:%M:%SZ"});
    check(epoch, json!(1_780_000_000), json!("2026-05-28T20:26:40Z"))
}

#[test]
fn a_rule_that_cannot_work_is_refused_and_its_member_named() -> anyhow::Result<()> {
    for (of, member) in [
        (json!({"type": "date", "from": "%H:%M", "to": "%Y"}), "from"),
        (json!({"type": "date", "from": "%!", "to": "%Y"}), "from"),
        (json!({"type": "date", "from": "%Y-%m-%d", "to": "%!"}), "to"),
        (json!({"type": "concat", "with": []}), "with"),
        (json!({"type": "concat", "with": ["a", "b..c"]}), "with[1]"),
        (json!({"type": "split", "separator": "", "index": 0}), "separator"),
        (json!({"type": "replace", "from": "", "to": "a"}), "from"),
        (json!({"type": "replace", "from": "a", "to": "a".repeat(257)}), "to"),
    ] {
        assert_eq!(rule(&of)?.fault().context("good")?.0, member, "{of}");
    }
    for of in [json!({"type": "eval"}), json!({"type": "trim", "more": 1}), json!({"type": "map"})]
    {
        assert!(rule(&of).is_err(), "{of}");
    }
    Ok(())
}
