//! Losing power: only what the disk was told to keep is there afterwards. Here the
//! disk is a copy of the log, taken whenever it is synced; power is lost under
//! load, and a new installation starts from that copy with garbage behind it.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use local::DataFolder;
use local::embedded::Sync;
use simulators::pega::Pega;
use tempfile::TempDir;
use tests::support::{Caller, Credential, events, start_app, variables};

const CLIENTS: usize = 8;
const LOSSES: usize = 5;

/// What is on the disk.
type Kept = Arc<Mutex<Vec<u8>>>;

/// A slow disk that keeps what was written before it was told to.
fn disk(kept: &Kept) -> Sync {
    let kept = kept.clone();
    Box::new(move |log: &File| {
        let mut bytes = vec![0; usize::try_from(log.metadata()?.len()).expect("a length")];
        log.read_exact_at(&mut bytes, 0)?;
        #[expect(clippy::disallowed_methods, reason = "this is how long the disk takes")]
        std::thread::sleep(Duration::from_millis(15));
        *kept.lock().unwrap() = bytes;
        Ok(())
    })
}

/// What the world outside knows at some moment, and what the disk had then.
struct Loss {
    /// Numbers and cases of the events that were answered 2xx.
    acknowledged: Vec<(i64, String)>,
    /// Cases on which Pega has a note.
    noted: Vec<String>,
    log: Vec<u8>,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_world_has_seen_survives_the_loss_of_power() -> Result<()> {
    let (pega, folder) = (Pega::start().await?, TempDir::new()?);
    let (kept, acknowledged) = (Kept::default(), Arc::new(Mutex::new(Vec::new())));
    let app = start_app(folder.path(), variables(&pega.url()), disk(&kept)).await;
    let key = app.new_admin_key().context("a first start")?.to_owned();
    let admin = Caller::new(&app.url(), Credential::Bearer(key));
    let clients = (0..CLIENTS).map(|_| {
        let (admin, acknowledged) = (admin.clone(), acknowledged.clone());
        tokio::spawn(async move {
            loop {
                let case = events::new_case();
                let id = admin.event(&events::high_risk(&case)).await.event_id();
                acknowledged.lock().unwrap().push((id, case));
            }
        })
    });
    let clients: Vec<_> = clients.collect();
    let mut losses = Vec::new();
    while losses.len() < LOSSES {
        tokio::task::yield_now().await;
        let acknowledged = acknowledged.lock().unwrap().clone();
        if acknowledged.len() > (losses.len() + 1) * 40 {
            // What the world knows is taken first: the disk may know more.
            let noted = pega.messages().into_iter().map(|message| message.context).collect();
            losses.push(Loss { acknowledged, noted, log: kept.lock().unwrap().clone() });
        }
    }
    clients.iter().for_each(tokio::task::JoinHandle::abort);
    let database = DataFolder::database_in(folder.path());
    for loss in losses {
        starts_anew(&database, &folder, loss).await?;
    }
    Ok(())
}

/// Starts from the disk as it was: every event that was answered is there, and no
/// note that Pega had is posted again.
async fn starts_anew(database: &Path, old: &TempDir, loss: Loss) -> Result<()> {
    let folder = TempDir::new()?;
    let copy = DataFolder::database_in(folder.path());
    std::fs::copy(database, &copy)?;
    std::fs::copy(old.path().join("admin.key"), folder.path().join("admin.key"))?;
    let mut log = loss.log;
    log.extend(std::iter::repeat_with(|| fastrand::u8(..)).take(10_000));
    std::fs::write(format!("{}-wal", copy.display()), log)?;

    // A Pega that has the notes it had.
    let pega = Pega::start().await?;
    let key = std::fs::read_to_string(folder.path().join("admin.key"))?;
    let app = start_app(folder.path(), variables(&pega.url()), local::embedded::to_disk()).await;
    let admin = Caller::new(&app.url(), Credential::Bearer(key.trim().to_owned()));
    for (id, case) in &loss.acknowledged {
        let event = admin.settled(*id).await;
        assert_eq!(event["status"], "processed", "{event:#}");
        assert_eq!(event["caseId"], case.as_str());
    }
    for case in &loss.noted {
        // The note had left the process, so the claim was on the disk: the attempt
        // after it is the second, which looks before it posts.
        let path = format!("/events?case_id={}", case.replace(' ', "%20"));
        let event = admin.get(&path).await.json[0].clone();
        let done_before = pega.notes_on(case).is_empty();
        let looked = event["attempts"].as_i64() >= Some(2);
        assert!(done_before || looked, "a note was posted that no claim stood for: {event:#}");
    }
    app.stop().await;
    Ok(())
}
