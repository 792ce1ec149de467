//! Chromium without a window, driven through its DevTools protocol.
//!
//! The protocol runs over two pipes (`--remote-debugging-pipe`): messages are JSON and end with a null
//! byte. So there is no port to be found and no WebSocket, and `serde_json` is all it takes.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Names the browser. Without it the tests in a browser are left out.
const CHROMIUM: &str = "PORTLOG_CHROMIUM";
/// A folder in which pictures are left for people to look at, if it is named.
const PICTURES: &str = "PORTLOG_PICTURES";
/// How long the browser may take for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    pub(crate) width: u32,
    pub(crate) scheme: &'static str,
    pub(crate) media: &'static str,
}

impl Screen {
    pub(crate) const fn new(width: u32, scheme: &'static str) -> Self {
        Self {
            width,
            scheme,
            media: "screen",
        }
    }
}

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    to: File,
    from: Receiver<Value>,
    session: Option<String>,
    last: u64,
    /// What the browser told without being asked.
    told: Vec<Value>,
    _folder: TempDir,
}

impl Browser {
    /// The browser that the environment names, if it does.
    pub(crate) fn start() -> Option<Self> {
        let Some(chromium) = std::env::var_os(CHROMIUM) else {
            eprintln!(
                "left out: {CHROMIUM} names no browser; `cargo xtask test --only report` does"
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let (into, out) = (folder.path().join("in"), folder.path().join("out"));
        for pipe in [&into, &out] {
            mkfifo(pipe, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        }
        let child = Command::new("sh")
            .args(["-c", "exec 3<\"$1\" 4>\"$2\"; shift 2; exec \"$@\"", "sh"])
            .args([&into, &out])
            .arg(chromium)
            .args([
                "--headless",
                "--remote-debugging-pipe",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
            ])
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .arg("about:blank")
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Each open waits for the other side, in the shell's order.
        let to = File::options().write(true).open(&into).unwrap();
        let from = BufReader::new(File::open(&out).unwrap());
        let mut browser = Self {
            child,
            to,
            from: listen(from),
            session: None,
            last: 0,
            told: Vec::new(),
            _folder: folder,
        };
        let target = browser.ask("Target.createTarget", &json!({"url": "about:blank"}));
        let attached = browser.ask(
            "Target.attachToTarget",
            &json!({"targetId": target["targetId"], "flatten": true}),
        );
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Loads a page to be looked at in this way.
    pub(crate) fn open(&mut self, page: &Path, screen: Screen) {
        self.look(screen);
        self.told.clear();
        let url = format!("file://{}", page.display());
        let answer = self.ask("Page.navigate", &json!({ "url": url }));
        assert_eq!(answer["errorText"], Value::Null, "{url}");
        while !self
            .told
            .iter()
            .any(|it| it["method"] == "Page.loadEventFired")
        {
            let message = self.from.recv_timeout(PATIENCE).unwrap();
            self.told.push(message);
        }
    }

    /// Looks at the page that is loaded in another way.
    pub(crate) fn look(&mut self, screen: Screen) {
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": screen.width, "height": 800, "deviceScaleFactor": 1, "mobile": false}),
        );
        let scheme = json!([{"name": "prefers-color-scheme", "value": screen.scheme}]);
        self.ask(
            "Emulation.setEmulatedMedia",
            &json!({"media": screen.media, "features": scheme}),
        );
    }

    /// What an expression gives in the page, as JSON.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true});
        let answer = self.ask("Runtime.evaluate", &asked);
        assert_eq!(answer["exceptionDetails"], Value::Null, "{answer}");
        answer["result"]["value"].clone()
    }

    /// What those hear who cannot see the page: role and name of each node.
    pub(crate) fn tree(&mut self) -> Vec<(String, String)> {
        let answer = self.ask("Accessibility.getFullAXTree", &json!({}));
        let nodes = answer["nodes"].as_array().unwrap().iter();
        nodes
            .filter(|node| node["ignored"] != true)
            .map(|node| {
                let text = |of: &str| node[of]["value"].as_str().unwrap_or_default().to_owned();
                (text("role"), text("name"))
            })
            .collect()
    }

    /// What the page complained about, and what it asked the network for besides itself.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut own = true;
        for message in &self.told {
            let method = message["method"].as_str().unwrap_or_default();
            match method {
                "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded" => {
                    found.push(message.to_string());
                }
                "Network.requestWillBeSent" if std::mem::take(&mut own) => {}
                "Network.requestWillBeSent" => {
                    found.push(message["params"]["request"]["url"].to_string());
                }
                "Page.javascriptDialogOpening" => found.push(message.to_string()),
                _ => {}
            }
        }
        found
    }

    /// The whole page as a picture (PNG); left in a folder where one is named.
    pub(crate) fn picture(&mut self, name: &str) -> Vec<u8> {
        let shot = json!({"format": "png", "captureBeyondViewport": true});
        let answer = self.ask("Page.captureScreenshot", &shot);
        self.kept(&answer, &format!("{name}.png"))
    }

    /// The page on paper of this size in inches (PDF), by somebody whose screen is dark.
    pub(crate) fn print(&mut self, name: &str, width: f64, height: f64) -> Vec<u8> {
        let scheme = json!([{"name": "prefers-color-scheme", "value": "dark"}]);
        self.ask(
            "Emulation.setEmulatedMedia",
            &json!({"media": "", "features": scheme}),
        );
        let paper = json!({"paperWidth": width, "paperHeight": height, "printBackground": false, "preferCSSPageSize": false});
        let answer = self.ask("Page.printToPDF", &paper);
        self.kept(&answer, &format!("{name}.pdf"))
    }

    #[expect(clippy::unused_self, reason = "a picture is of this browser's page")]
    fn kept(&self, answer: &Value, name: &str) -> Vec<u8> {
        let bytes = STANDARD.decode(answer["data"].as_str().unwrap()).unwrap();
        if let Some(folder) = std::env::var_os(PICTURES) {
            std::fs::write(Path::new(&folder).join(name), &bytes).unwrap();
        }
        bytes
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(message.to_string().as_bytes()).unwrap();
        self.to.write_all(&[0]).unwrap();
        loop {
            let answer = self.from.recv_timeout(PATIENCE);
            let answer = answer.unwrap_or_else(|_| panic!("no answer to {method}"));
            if answer["id"] == self.last {
                assert_eq!(answer["error"], Value::Null, "{method}");
                return answer["result"].clone();
            }
            self.told.push(answer);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Reads messages in a thread of its own, so that waiting for one can end.
fn listen(mut from: BufReader<File>) -> Receiver<Value> {
    let (give, take) = channel();
    std::thread::spawn(move || {
        let mut message = Vec::new();
        while from.read_until(0, &mut message).is_ok_and(|read| read > 0) {
            message.pop();
            let Ok(value) = serde_json::from_slice(&message) else {
                return;
            };
            message.clear();
            if give.send(value).is_err() {
                return;
            }
        }
    });
    take
}
