//! What is kept of a kind, of whom it is asked of.

use serde_json::{Map, Value as Json};
use shared::error::Result;

use super::super::historic::{Ground, Look, Source, Walked, agents, walk};
use super::super::records::{
    AgentCall, AgentChat, AgentLogin, ChatDay, DataKind, GroupMetrics, Kept, QueueMetrics, Row,
    StatusMark, Stretch,
};
use super::view::ExportItem;

/// Rows of one that are read together at most.
const MOST_READ: usize = 30_000;

/// What is kept of a kind in the period, in order of whom it is of and of its moments.
pub(super) async fn rows(on: Ground<'_>, kind: DataKind, raw: bool) -> Result<Walked<ExportItem>> {
    let all = match kind {
        // All of a day stand together.
        DataKind::QueueMetrics => vec![String::new()],
        DataKind::ServiceGroupMetrics => {
            let meant = &on.asked.groups;
            let groups = on.records.groups(on.centre).await?.into_iter();
            let groups = groups.filter(|one| meant.is_empty() || meant.contains(&one.group));
            groups.map(|one| one.key()).collect()
        }
        _ => agents(on).await?,
    };
    walk(on.asked, all, &Exported { on, kind, raw }).await
}

struct Exported<'a> {
    on: Ground<'a>,
    kind: DataKind,
    raw: bool,
}

impl Source for Exported<'_> {
    type Item = ExportItem;

    async fn look(&self, who: &str, from: Option<i64>, many: usize) -> Result<Look<ExportItem>> {
        match self.kind {
            DataKind::AgentStatus => self.of::<StatusMark>(who, from, many).await,
            DataKind::ServiceGroupMetrics => self.of::<GroupMetrics>(who, from, many).await,
            DataKind::QueueMetrics => self.of::<QueueMetrics>(who, from, many).await,
            DataKind::AgentLogins => self.of::<AgentLogin>(who, from, many).await,
            DataKind::AgentCalls => self.of::<AgentCall>(who, from, many).await,
            DataKind::AgentChats => {
                let mut chats = self.of::<AgentChat>(who, None, MOST_READ).await?;
                let days = self.of::<ChatDay>(who, None, MOST_READ).await?;
                chats.items.extend(days.items);
                chats.items.sort_by_key(|(at, _)| *at);
                Ok(Look { items: chats.items, more: chats.more || days.more })
            }
        }
    }
}

impl Exported<'_> {
    async fn of<T: Kept>(
        &self,
        who: &str,
        from: Option<i64>,
        many: usize,
    ) -> Result<Look<ExportItem>> {
        let Ground { records, centre, asked } = self.on;
        let stretch = Stretch { from: from.unwrap_or(asked.from), to: asked.to - 1 };
        // What is left out has to be read as well.
        let most = if asked.groups.is_empty() { many } else { MOST_READ };
        let found = records.of_one::<T>(centre, who, stretch, most).await?;
        let rows = found.rows.into_iter().filter(|row| !row.is_echo());
        let mut items = Vec::new();
        for row in rows {
            let at = row.record.at();
            let item = self.item(row)?;
            if asked.groups.is_empty() || item.is_of_any(&asked.groups) {
                items.push((at, item));
            }
        }
        Ok(Look { items, more: found.more })
    }

    fn item<T: Kept>(&self, row: Row<T>) -> Result<ExportItem> {
        let (at, key, raw) = (row.record.at(), row.key(), row.raw);
        let told = serde_json::to_value(&row.record).map_err(shared::error::Error::internal)?;
        let Json::Object(mut told) = told else {
            return Err(shared::error::Error::bug("a record is no object"));
        };
        let mut take = |name: &str| match told.remove(name) {
            Some(Json::String(text)) => Some(text),
            _ => None,
        };
        let (agent, queue) = (take("agent"), take("queue"));
        let group = take("group").or(take("service_group"));
        let metrics = match take("metrics") {
            Some(text) => serde_json::from_str::<Map<String, Json>>(&text).unwrap_or_default(),
            None => told,
        };
        let raw = raw.filter(|_| self.raw).and_then(|raw| serde_json::from_str(&raw).ok());
        Ok(ExportItem::of(T::KIND, &key, at, (agent, queue, group), metrics, raw))
    }
}
