//! What its methods are called: as in the vendor's document, unless a test renames one.

/// The methods.
pub(super) const METHODS: [&str; 5] =
    ["agents", "getNormHours", "sendSchedule", "getTimetypeInfo", "sendFactWorkTime"];

/// The path of each method below the service.
pub(super) struct Names([(String, &'static str); 5]);

impl Default for Names {
    fn default() -> Self {
        Self(METHODS.map(|method| (method.to_owned(), method)))
    }
}

impl Names {
    /// Gives a method another path.
    pub fn rename(&mut self, method: &str, path: &str) {
        for (name, _) in self.0.iter_mut().filter(|(_, named)| *named == method) {
            path.trim_matches('/').clone_into(name);
        }
    }

    /// The method that a path calls, and what the path goes on with.
    pub fn called(&self, path: &str) -> Option<(&'static str, String)> {
        self.0.iter().find_map(|(name, method)| {
            let rest = path.strip_prefix(name.as_str())?;
            let rest = match *method {
                "agents" => rest.strip_prefix('/').filter(|rest| rest.split('/').count() == 2)?,
                _ => rest.is_empty().then_some(rest)?,
            };
            Some((*method, rest.to_owned()))
        })
    }
}
