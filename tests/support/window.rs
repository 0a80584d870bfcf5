//! The real window, driven through WebKitWebDriver.
use crate::desk::Desk;
use crate::{eventually, eventually_or};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Window {
    pub client: Client,
    runtime: tokio::runtime::Runtime,
}

/// Where `cargo build` put the app.
pub fn app() -> PathBuf {
    if let Some(path) = std::env::var_os("PARLEY_APP") {
        return path.into();
    }
    let mut folder = std::env::current_exe().unwrap();
    while folder.pop() {
        let path = folder.join("parley");
        if path.is_file() {
            return path;
        }
    }
    panic!("the app is not built: cargo build");
}

impl Window {
    /// Opens the app inside the desktop, once one before it has gone: to that it would only hand its arguments.
    pub fn open(desk: &mut Desk, arguments: &[&str]) -> Window {
        eventually("the end of the one before", PATIENCE, || (!desk.runs()).then_some(()));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        desk.set("TAURI_WEBVIEW_AUTOMATION", "true");
        desk.run("WebKitWebDriver", &[&format!("--port={port}"), "--host=127.0.0.1"]);
        eventually("the driver listens", PATIENCE, || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let options = json!({ "webkitgtk:browserOptions": { "binary": app(), "args": arguments } });
        let Value::Object(capabilities) = options else {
            unreachable!()
        };
        let client = runtime.block_on(async {
            let mut builder = ClientBuilder::new(hyper_connector());
            let address = format!("http://127.0.0.1:{port}");
            let opening = builder.capabilities(capabilities).connect(&address);
            let opened = tokio::time::timeout(PATIENCE, opening).await;
            opened.expect("the app opens a window").unwrap()
        });
        Window { client, runtime }
    }

    /// What the driver says. It can wait forever for a page that is not shown; a test does not.
    fn now<T>(&self, answer: impl Future<Output = T>) -> T {
        let patient = async { tokio::time::timeout(PATIENCE, answer).await };
        self.runtime.block_on(patient).expect("the driver answers")
    }

    /// Waits for an element.
    pub fn find(&self, css: &str) -> Element {
        self.now(async {
            self.client
                .wait()
                .at_most(PATIENCE - Duration::from_secs(2))
                .for_element(Locator::Css(css))
                .await
                .unwrap_or_else(|error| panic!("{css}: {error}\n{}", "the element never came"))
        })
    }

    pub fn click(&self, css: &str) {
        eventually(&format!("a click on {css}"), PATIENCE, || {
            let element = self.find(css);
            self.now(element.click()).ok()
        });
    }

    /// Clicks the button, menu item, tab or radio whose visible text, title or accessible name begins like this.
    pub fn press(&self, name: &str) {
        let path = format!(
            "//*[self::button or @role='button' or @role='menuitem' or @role='radio' or @role='tab'][not(@disabled)]\
             [starts-with(normalize-space(.), \"{name}\") or starts-with(@aria-label, \"{name}\") \
             or .//*[contains(concat(' ', @class, ' '), ' title ')][normalize-space(.)=\"{name}\"]]"
        );
        eventually_or(
            PATIENCE,
            || {
                self.now(async {
                    let element = self.client.find(Locator::XPath(&path)).await.ok()?;
                    element.click().await.ok()
                })
            },
            || format!("a press on {name:?}; the page says: {:?}", self.text("body")),
        );
    }

    /// The middle of an element, in pixels from the window's upper left.
    pub fn middle_of(&self, css: &str) -> (i32, i32) {
        let (x, y, width, height) = self.now(async {
            let element = self.client.find(Locator::Css(css)).await.unwrap();
            element.rectangle().await.unwrap()
        });
        ((x + width / 2.0) as i32, (y + height / 2.0) as i32)
    }

    /// Writes down from now on whether such an element ever comes.
    pub fn watch(&self, css: &str) {
        let code = "window.seen = {}; const look = () => document.querySelector(arguments[0]) && (window.seen[arguments[0]] = true);\
                    new MutationObserver(look).observe(document.body, { childList: true, subtree: true }); look();";
        let code = code.replace("arguments[0]", &json!(css).to_string());
        self.script(&code);
    }

    /// Whether it came.
    pub fn was_seen(&self, css: &str) -> bool {
        self.script(&format!("return window.seen[{}] === true", json!(css))) == json!(true)
    }

    /// Gives the main window this size, in pixels, and waits until the page has it.
    pub fn resize(&self, width: u32, height: u32) {
        self.now(self.client.set_window_size(width, height)).unwrap();
        let drawn = "const [width, done] = arguments;\
                     const look = () => innerWidth === width ? requestAnimationFrame(done) : requestAnimationFrame(look); look()";
        self.now(self.client.execute_async(drawn, vec![json!(width)])).unwrap();
    }

    pub fn clear(&self, css: &str) {
        let element = self.find(css);
        self.now(element.clear()).unwrap();
    }

    /// The value of a field.
    pub fn value(&self, css: &str) -> String {
        let element = self.find(css);
        self.runtime
            .block_on(element.prop("value"))
            .unwrap()
            .unwrap_or_default()
    }

    /// Types at the end of a field and waits until it is there: the driver does not wait for the last key.
    pub fn type_into(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.now(element.send_keys(text)).unwrap();
        eventually_or(
            PATIENCE,
            || self.value(css).ends_with(text).then_some(()),
            || format!("{text:?} in {css}, which has {:?}", self.value(css)),
        );
    }

    /// Text of the first match as the page lays it out, or nothing.
    pub fn text(&self, css: &str) -> Option<String> {
        let code = "return document.querySelector(arguments[0])?.innerText ?? null";
        let value = self
            .runtime
            .block_on(self.client.execute(code, vec![json!(css)]))
            .ok()?;
        value.as_str().map(str::to_owned)
    }

    /// Waits until the text of `css` holds.
    pub fn wait_text(&self, css: &str, part: &str) -> String {
        eventually_or(
            PATIENCE,
            || self.text(css).filter(|text| text.contains(part)),
            || format!("{part:?} in {css}, which says {:?}", self.text(css)),
        )
    }

    pub fn is_there(&self, css: &str) -> bool {
        self.runtime
            .block_on(async { self.client.find(Locator::Css(css)).await.is_ok() })
    }

    /// Waits for an element that need not be visible.
    pub fn wait_for(&self, css: &str) {
        eventually(&format!("{css} is there"), PATIENCE, || {
            self.is_there(css).then_some(())
        });
    }

    pub fn wait_gone(&self, css: &str) {
        eventually(&format!("{css} is gone"), PATIENCE, || {
            (!self.is_there(css)).then_some(())
        });
    }

    /// Runs a script in the page.
    pub fn script(&self, code: &str) -> Value {
        self.now(self.client.execute(code, vec![])).unwrap()
    }

    /// A picture of the page once it has drawn what it is now.
    pub fn picture(&self, path: &Path) {
        let drawn = "const done = arguments[arguments.length - 1];\
                     requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))";
        self.now(self.client.execute_async(drawn, vec![])).unwrap();
        let png = self.now(self.client.screenshot()).unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, png).unwrap();
    }

    /// Switches to the main window; the card of an incoming call is a window of its own.
    pub fn switch_to_main(&self) {
        self.switch_to(None);
    }

    /// Switches to the card.
    pub fn switch_to_card(&self) {
        self.switch_to(Some("card"));
    }

    /// Switches to the window whose address ends in this fragment.
    fn switch_to(&self, fragment: Option<&str>) {
        eventually_or(
            PATIENCE,
            || {
                self.now(async {
                    for handle in self.client.windows().await.ok()? {
                        self.client.switch_to_window(handle).await.ok()?;
                        let address = self.client.current_url().await.ok()?;
                        if address.fragment() == fragment && address.scheme() != "about" {
                            return Some(());
                        }
                    }
                    None
                })
            },
            || format!("the window #{fragment:?} among {:?}", self.addresses()),
        );
    }

    fn addresses(&self) -> Vec<String> {
        self.now(async {
            let mut addresses = Vec::new();
            for handle in self.client.windows().await.unwrap_or_default() {
                let _ = self.client.switch_to_window(handle).await;
                addresses.push(
                    self.client
                        .current_url()
                        .await
                        .map_or_else(|error| error.to_string(), String::from),
                );
            }
            addresses
        })
    }

    /// Ends the app.
    pub fn close(self) {
        let _ = self.now(self.client.clone().close());
    }
}

fn hyper_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}
