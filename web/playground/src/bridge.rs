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
    /// Hands over dropped files.
    #[wasm_bindgen(js_name = onDrop)]
    pub(crate) fn on_drop(take: &Closure<dyn FnMut(String, String)>);
    /// Asks the engine.
    #[wasm_bindgen(catch)]
    pub(crate) async fn ask(job: &str, inputs: &str) -> Result<JsValue, JsValue>;
    /// Puts the state into the address.
    #[wasm_bindgen(js_name = shareLink)]
    pub(crate) async fn share_link(state: &str);
    /// The state of the address, or an empty text.
    pub(crate) async fn shared() -> JsValue;
    /// The examples.
    pub(crate) async fn examples() -> JsValue;
    #[wasm_bindgen(js_name = setTheme)]
    pub(crate) fn set_theme(theme: &str);
}
