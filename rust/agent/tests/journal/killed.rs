//! Killed in the middle of it, again and again.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use portlog_agent::testimony::{Mark, Reader, Testimony};
use portlog_agent::{Agent, Config, Subject};
use portlog_journal::entry::Kind;

use crate::world::{Told, device};

const FOLDER: &str = "PORTLOG_TEST_JOURNAL_OF_A_CHILD";

/// What the child does until it is killed: a watch of this machine that makes marks, and tells of each
/// one that was acknowledged.
#[test]
fn a_child_that_makes_marks() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let mut config = Config::new(Subject::this_machine());
    config.interval = Duration::from_millis(50);
    config.testimony = Some(Testimony {
        commit_every: Duration::from_millis(30),
        ..Testimony::new(folder, device("example-keys"))
    });
    let agent = Agent::start(config).unwrap();
    let recorder = agent.recorder().unwrap();
    // A mark stands behind what was told before it.
    agent.next_events(Duration::from_secs(20)).unwrap();
    for number in 0_u64.. {
        let text = format!("mark {number} of {}", std::process::id());
        let index = recorder.mark(&Mark::Words(text.clone())).unwrap();
        println!("\nACKNOWLEDGED {index} {text}");
        agent.next_events(Duration::ZERO);
    }
}

#[test]
fn kill_after_kill_nothing_acknowledged_is_lost_and_the_log_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<(u64, String)> = Vec::new();
    let mut origin = None;
    for round in 0_u64..8 {
        let marks = killed_after(folder.path(), Duration::from_millis(20 + 67 * round));
        assert!(!marks.is_empty());
        acknowledged.extend(marks);
        let reader = Reader::open(folder.path()).unwrap();
        for (index, text) in &acknowledged {
            let page = reader.rows(*index..index + 1, 1).unwrap();
            assert_eq!(page.rows[0].value("text"), Some(text.as_str()), "{index}");
        }
        let told = Told::by(&reader);
        assert_eq!(
            origin.get_or_insert_with(|| told.report.origin().clone()),
            told.report.origin()
        );
        let rounds = usize::try_from(round).unwrap() + 1;
        assert_eq!(told.count(Kind::Started), rounds);
        // The next watch says that the one before it ended, and since when nobody looked.
        let gaps: Vec<_> = told
            .all(Kind::Gap)
            .filter(|gap| gap["reason"] == "not-running")
            .collect();
        assert_eq!(gaps.len(), rounds - 1);
        assert!(gaps.iter().all(|gap| gap.contains_key("from")));
        assert_eq!(told.count(Kind::Predecessor), 0);
    }
}

/// Runs the child, kills it so long after its first mark, and gives what it was promised.
fn killed_after(folder: &Path, time: Duration) -> Vec<(u64, String)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::a_child_that_makes_marks", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut marks = Vec::new();
    let mut take = |line: String| {
        let Some(rest) = line.strip_prefix("ACKNOWLEDGED ") else {
            return false;
        };
        let (index, text) = rest.split_once(' ').unwrap();
        marks.push((index.parse().unwrap(), text.to_owned()));
        true
    };
    while !take(lines.next().expect("the child ended").unwrap()) {}
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(time);
            // SIGKILL.
            child.kill().unwrap();
        });
        for line in lines.by_ref() {
            // The last line may be cut; then it was not told.
            take(line.unwrap());
        }
    });
    child.wait().unwrap();
    marks
}
