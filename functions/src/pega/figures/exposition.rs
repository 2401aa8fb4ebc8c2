//! The figures for Prometheus, in the OpenMetrics text format 1.0.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use shared::error::{Error, Result};

use super::probe::PegaConnection;
use super::view::{Dashboard, Metrics};

/// What the format is called.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labelled = Family<Vec<(&'static str, String)>, Gauge>;

/// The figures of a tenant as text.
pub(super) fn write(week: &Metrics, dashboard: &Dashboard) -> Result<String> {
    let mut registry = Registry::with_prefix("caseway_pega");
    let (by_event, by_status, connected) =
        (Labelled::default(), Labelled::default(), Gauge::<i64>::default());
    for entry in &week.by_event {
        by_event.get_or_create(&vec![("event", entry.event.clone())]).set(entry.count);
    }
    for entry in &dashboard.status_breakdown {
        let status = entry.status.name().to_owned();
        by_status.get_or_create(&vec![("status", status)]).set(entry.count);
    }
    connected.set((dashboard.pega_connection == PegaConnection::Connected).into());
    registry.register("events_7d", "Events received in the last seven days, by type", by_event);
    let help = "Events received in the last 24 hours, by how they stand now";
    registry.register("events_24h", help, by_status);
    registry.register("connected", "Whether Pega answers and takes our credentials", connected);
    let mut text = String::new();
    encode(&mut text, &registry).map_err(Error::internal)?;
    Ok(text)
}
