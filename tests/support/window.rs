//! The real window, driven through WebKitWebDriver.
use crate::desk::Desk;
use crate::eventually;
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
    /// Opens the app inside the desktop.
    pub fn open(desk: &mut Desk, arguments: &[&str]) -> Window {
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
            ClientBuilder::new(hyper_connector())
                .capabilities(capabilities)
                .connect(&format!("http://127.0.0.1:{port}"))
                .await
                .unwrap()
        });
        Window { client, runtime }
    }

    /// Waits for an element.
    pub fn find(&self, css: &str) -> Element {
        self.runtime.block_on(async {
            self.client
                .wait()
                .at_most(PATIENCE)
                .for_element(Locator::Css(css))
                .await
                .unwrap_or_else(|error| panic!("{css}: {error}\n{}", "the element never came"))
        })
    }

    pub fn click(&self, css: &str) {
        eventually(&format!("a click on {css}"), PATIENCE, || {
            let element = self.find(css);
            self.runtime.block_on(element.click()).ok()
        });
    }

    /// Clicks the button, menu item, tab or radio whose visible text or accessible name begins like this.
    pub fn press(&self, name: &str) {
        let path = format!(
            "//*[self::button or @role='button' or @role='menuitem' or @role='radio' or @role='tab'][not(@disabled)]\
             [starts-with(normalize-space(.), \"{name}\") or starts-with(@aria-label, \"{name}\")]"
        );
        eventually(
            &format!("a press on {name:?}; the page says: {:?}", self.text("body")),
            PATIENCE,
            || {
                self.runtime.block_on(async {
                    let element = self.client.find(Locator::XPath(&path)).await.ok()?;
                    element.click().await.ok()
                })
            },
        );
    }

    /// Gives the main window this size, in pixels.
    pub fn resize(&self, width: u32, height: u32) {
        self.runtime
            .block_on(self.client.set_window_size(width, height))
            .unwrap();
    }

    pub fn clear(&self, css: &str) {
        let element = self.find(css);
        self.runtime.block_on(element.clear()).unwrap();
    }

    /// The value of a field.
    pub fn value(&self, css: &str) -> String {
        let element = self.find(css);
        self.runtime
            .block_on(element.prop("value"))
            .unwrap()
            .unwrap_or_default()
    }

    pub fn type_into(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.runtime.block_on(element.send_keys(text)).unwrap();
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
        eventually(
            &format!("{part:?} in {css}, which says {:?}", self.text(css)),
            PATIENCE,
            || self.text(css).filter(|text| text.contains(part)),
        )
    }

    pub fn is_there(&self, css: &str) -> bool {
        self.runtime
            .block_on(async { self.client.find(Locator::Css(css)).await.is_ok() })
    }

    pub fn wait_gone(&self, css: &str) {
        eventually(&format!("{css} is gone"), PATIENCE, || {
            (!self.is_there(css)).then_some(())
        });
    }

    /// Runs a script in the page.
    pub fn script(&self, code: &str) -> Value {
        self.runtime.block_on(self.client.execute(code, vec![])).unwrap()
    }

    pub fn picture(&self, path: &Path) {
        let png = self.runtime.block_on(self.client.screenshot()).unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, png).unwrap();
    }

    /// Switches to the main window; the card of an incoming call is a window of its own.
    pub fn switch_to_main(&self) {
        eventually(
            &format!("the main window among {:?}", self.addresses()),
            PATIENCE,
            || {
                self.runtime.block_on(async {
                    for handle in self.client.windows().await.ok()? {
                        self.client.switch_to_window(handle).await.ok()?;
                        if self
                            .client
                            .current_url()
                            .await
                            .is_ok_and(|url| url.fragment().is_none())
                        {
                            return Some(());
                        }
                    }
                    None
                })
            },
        );
    }

    fn addresses(&self) -> Vec<String> {
        self.runtime.block_on(async {
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
        let _ = self.runtime.block_on(self.client.close());
    }
}

fn hyper_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}
