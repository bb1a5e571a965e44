//! What leaves this tab, and only when asked: a link, a download, what this browser keeps.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::bridge;
use crate::state::{File, Offer, State};
use crate::words::Lang;

/// Where choices are kept, and files if they are to be.
const CHOICES: &str = "connlint.choices";
const FILES: &str = "connlint.files";
/// Mail programs and chats cut addresses off somewhere beyond this.
const LONG_LINK: usize = 8192;

impl State {
    async fn masked(self) -> Option<Vec<File>> {
        let inputs = json!([self.files.get_untracked()]).to_string();
        let answer = bridge::ask("mask", &inputs).await.ok()?;
        serde_json::from_str(&answer.as_string()?).ok()
    }

    /// Puts the files into the address, unless they hold secrets: then it asks first.
    pub(crate) fn share(self) {
        spawn_local(async move {
            let plain = self.files.get_untracked();
            let texts = |files: &[File]| files.iter().map(|f| f.text.clone()).collect::<Vec<_>>();
            // When it cannot be told whether there are secrets, there may be.
            let secret = self.masked().await.is_none_or(|masked| texts(&masked) != texts(&plain));
            if secret {
                let words = "These files hold secrets, and whoever has the link can read them.";
                let words = self.lang.get_untracked().say(words);
                self.tell(words, &[Offer::ShareMasked, Offer::ShareAnyway]);
            } else {
                self.put_link(plain).await;
            }
        });
    }

    async fn put_link(self, files: Vec<File>) {
        let length = bridge::share_link(&json!(files).to_string()).await.as_f64().unwrap_or_default();
        let lang = self.lang.get_untracked();
        let mut words =
            lang.say("The address of this page now holds the files; it is on the clipboard.").to_owned();
        if length as usize > LONG_LINK {
            words = format!("{words} {}", lang.say("This link is long; some programs cut it off."));
        }
        self.tell(words, &[]);
    }

    /// Does what a notice offers.
    pub(crate) fn accept(self, offer: Offer) {
        match offer {
            Offer::ShareMasked => spawn_local(async move {
                if let Some(files) = self.masked().await {
                    self.put_link(files).await;
                }
            }),
            Offer::ShareAnyway => spawn_local(self.put_link(self.files.get_untracked())),
            Offer::Undo => self.undo_all(),
            Offer::Reload => bridge::renew(),
        }
    }

    pub(crate) fn dismiss(self) {
        self.tell("", &[]);
    }

    /// Offers the report as a file.
    pub(crate) fn download(self, format: &'static str) {
        const NAMES: [(&str, &str); 3] =
            [("json", "connlint.json"), ("sarif", "connlint.sarif"), ("markdown", "connlint.md")];
        spawn_local(async move {
            let (files, options, _) = self.inputs();
            let inputs = json!([files, options, format]).to_string();
            let Ok(answer) = bridge::ask("render", &inputs).await else { return };
            let text: String =
                serde_json::from_str(&answer.as_string().unwrap_or_default()).unwrap_or_default();
            if let Some((_, name)) = NAMES.iter().find(|(f, _)| *f == format) {
                bridge::download(name, &text);
            }
        });
    }

    /// Takes up the choices of the last visit.
    pub(crate) fn recall(self) {
        let choices: Value = serde_json::from_str(&bridge::kept(CHOICES)).unwrap_or_default();
        let tag = choices["lang"].as_str().map_or_else(bridge::language, str::to_owned);
        self.lang.set(Lang::of(&tag));
        bridge::set_language(self.lang.get_untracked().tag());
        self.translate();
        self.keeps.set(choices["keeps"].as_bool().unwrap_or_default());
        self.dark.set(choices["dark"].as_bool());
        self.show_theme();
    }

    /// The files of the last visit, if they were to be kept.
    pub(crate) fn recalled(self) -> Vec<File> {
        serde_json::from_str(&bridge::kept(FILES)).unwrap_or_default()
    }

    /// Keeps the choices that were made, and the files if they are to be kept.
    pub(crate) fn keep(self) {
        let (lang, keeps) = (self.lang.get_untracked().tag(), self.keeps.get_untracked());
        let choices = json!({"lang": lang, "keeps": keeps, "dark": self.dark.get_untracked()});
        bridge::keep(CHOICES, &choices.to_string());
        self.keep_files();
    }

    /// Keeps the files if they are to be kept.
    pub(crate) fn keep_files(self) {
        match self.keeps.get_untracked() {
            true => bridge::keep(FILES, &json!(self.files.get_untracked()).to_string()),
            false => bridge::keep(FILES, ""),
        }
    }

    /// Keeps nothing any more, choices neither.
    pub(crate) fn forget_all(self) {
        self.keeps.set(false);
        bridge::keep(CHOICES, "");
        bridge::keep(FILES, "");
    }

    pub(crate) fn speak(self, tag: &str) {
        self.lang.set(Lang::of(tag));
        bridge::set_language(self.lang.get_untracked().tag());
        self.translate();
        self.mark();
        self.keep();
    }

    fn show_theme(self) {
        if let Some(dark) = self.dark.get_untracked() {
            bridge::set_theme(if dark { "dark" } else { "light" });
        }
    }

    pub(crate) fn turn_theme(self) {
        let dark = !self.dark.get_untracked().unwrap_or_else(bridge::is_dark);
        self.dark.set(Some(dark));
        self.show_theme();
        self.keep();
    }
}
