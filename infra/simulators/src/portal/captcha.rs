//! Proofs of being a person.

use super::call::Call;
use super::words::Language;

/// What solves a captcha of an image.
pub const CAPTCHA_ANSWER: &str = "7K4PX";

/// A kind of captcha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Captcha {
    /// `iframe[src*=recaptcha]`.
    RecaptchaFrame,
    /// `.g-recaptcha`.
    Recaptcha,
    /// `.h-captcha`.
    Hcaptcha,
    /// `.cf-turnstile`.
    Turnstile,
    /// An image and a field, both named so. [`CAPTCHA_ANSWER`] solves it.
    Image,
    /// An image and a field of which only the label says رمز التحقق. The same solves it.
    ArabicLabel,
}

impl Captcha {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::RecaptchaFrame,
        Self::Recaptcha,
        Self::Hcaptcha,
        Self::Turnstile,
        Self::Image,
        Self::ArabicLabel,
    ];

    pub(super) fn markup(self) -> &'static str {
        match self {
            Self::RecaptchaFrame => {
                "<iframe title=\"reCAPTCHA\" src=\"/recaptcha/api2/anchor?k=site-key\"></iframe>\
                 <textarea name=\"g-recaptcha-response\" hidden></textarea>"
            }
            Self::Recaptcha => "<div class=\"g-recaptcha\" data-sitekey=\"site-key\"></div>",
            Self::Hcaptcha => "<div class=\"h-captcha\" data-sitekey=\"site-key\"></div>",
            Self::Turnstile => "<div class=\"cf-turnstile\" data-sitekey=\"site-key\"></div>",
            Self::Image => {
                "<img src=\"/captcha/image?1\" alt=\"\">\
                 <input type=\"text\" name=\"captcha\" autocomplete=\"off\">"
            }
            Self::ArabicLabel => {
                "<label for=\"verify\">رمز التحقق</label><img src=\"/verify.png\" alt=\"\">\
                 <input type=\"text\" id=\"verify\" name=\"verify\" autocomplete=\"off\">"
            }
        }
    }

    /// Whether a form has it solved. Nobody can solve those of others here.
    pub(super) fn is_solved(self, call: &Call) -> bool {
        let field = match self {
            Self::Image => "captcha",
            Self::ArabicLabel => "verify",
            _ => return false,
        };
        call.field(field).is_some_and(|answer| answer.eq_ignore_ascii_case(CAPTCHA_ANSWER))
    }

    pub(super) fn unsolved(language: Language) -> &'static str {
        language.pick("Please prove that you are not a robot.", "يرجى إثبات أنك لست روبوتاً.")
    }
}
