//! What it says, in English and in Arabic.

/// The language that its pages are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Left to right.
    #[default]
    English,
    /// Right to left.
    Arabic,
}

impl Language {
    /// One of two wordings.
    pub(super) fn pick(self, english: &'static str, arabic: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Arabic => arabic,
        }
    }

    /// What it says of a name or a password that is wrong.
    pub fn wrong_password(self) -> &'static str {
        self.pick(
            "The user name or password is incorrect.",
            "اسم المستخدم أو كلمة المرور غير صحيحة.",
        )
    }

    /// What it says while it is closed for work on it.
    pub fn maintenance(self) -> &'static str {
        self.pick(
            "The service is under maintenance. Please come back later.",
            "الخدمة تحت الصيانة حالياً. يرجى المحاولة لاحقاً.",
        )
    }

    /// What it says where there are no cases.
    pub fn no_cases(self) -> &'static str {
        self.pick("There are no cases.", "لا توجد قضايا.")
    }
}

/// In what words it says that an account is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LockWords {
    /// "locked".
    #[default]
    Locked,
    /// "too many".
    TooMany,
    /// محظور
    Barred,
    /// إيقاف
    Suspended,
    /// مقفل
    Shut,
}

impl LockWords {
    /// The sentence.
    pub fn text(self) -> &'static str {
        match self {
            Self::Locked => "Your account has been locked. Contact support to unlock it.",
            Self::TooMany => "Too many failed attempts. Contact support.",
            Self::Barred => "هذا الحساب محظور. يرجى التواصل مع الدعم.",
            Self::Suspended => "تم إيقاف حسابك بعد محاولات دخول خاطئة.",
            Self::Shut => "الحساب مقفل. يرجى التواصل مع الدعم.",
        }
    }
}
