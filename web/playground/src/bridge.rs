//! The page's JavaScript: `js/page.js`.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};

#[wasm_bindgen(raw_module = "./page.js")]
extern "C" {
    /// Puts the editor into an element.
    pub(crate) fn mount(host: &web_sys::HtmlElement, changed: &Closure<dyn FnMut(String, bool)>);
    /// Shows a file; the key is its own for as long as the page lives.
    pub(crate) fn show(key: u32, name: &str, text: &str);
    /// Forgets the undo history of a file.
    pub(crate) fn forget(key: u32);
    /// Replaces the whole text, as one step that can be undone.
    pub(crate) fn replace(text: &str);
    /// Marks findings.
    pub(crate) fn mark(text: &str, findings: &str, apply: &Closure<dyn FnMut(u32)>);
    /// Moves to a place.
    pub(crate) fn reveal(text: &str, range: &str);
    /// A text with edits made.
    pub(crate) fn edited(text: &str, edits: &str) -> String;
    /// Hands over dropped and opened files, as JSON.
    #[wasm_bindgen(js_name = onFiles)]
    pub(crate) fn on_files(take: &Closure<dyn FnMut(String)>);
    /// Asks for files, or for a folder.
    #[wasm_bindgen(js_name = openFiles)]
    pub(crate) fn open_files(folder: bool);
    /// Calls with true for F8, with false for Shift+F8.
    #[wasm_bindgen(js_name = onStep)]
    pub(crate) fn on_step(step: &Closure<dyn FnMut(bool)>);
    /// Makes the page work without a network; calls when a newer version of it has come.
    #[wasm_bindgen(js_name = onNewer)]
    pub(crate) fn on_newer(told: &Closure<dyn FnMut()>);
    /// Loads the newer version.
    pub(crate) fn renew();
    /// Offers a text as a file.
    pub(crate) fn download(name: &str, text: &str);
    /// Keeps a text in this browser; an empty one is taken away.
    pub(crate) fn keep(key: &str, text: &str);
    /// What was kept, or an empty text.
    pub(crate) fn kept(key: &str) -> String;
    /// The language that the browser prefers.
    pub(crate) fn language() -> String;
    #[wasm_bindgen(js_name = setLanguage)]
    pub(crate) fn set_language(tag: &str);
    /// Whether the system is set to dark.
    #[wasm_bindgen(js_name = isDark)]
    pub(crate) fn is_dark() -> bool;
    /// Asks the engine.
    #[wasm_bindgen(catch)]
    pub(crate) async fn ask(job: &str, inputs: &str) -> Result<JsValue, JsValue>;
    /// Puts the state into the address, and says how long it is now.
    #[wasm_bindgen(js_name = shareLink)]
    pub(crate) async fn share_link(state: &str) -> JsValue;
    /// The state of the address, or an empty text.
    pub(crate) async fn shared() -> JsValue;
    /// What the engine says, in the language of a tag.
    pub(crate) async fn translation(tag: &str) -> JsValue;
    /// The examples.
    pub(crate) async fn examples() -> JsValue;
    #[wasm_bindgen(js_name = setTheme)]
    pub(crate) fn set_theme(theme: &str);
}
