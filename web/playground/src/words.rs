//! The page's own words, in two languages. What the engine says is in `translation`.

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    English,
    Chinese,
}

impl Lang {
    /// The tag that HTML and storage use.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Lang::English => "en",
            Lang::Chinese => "zh-CN",
        }
    }

    /// The language of a tag such as `zh-Hans-CN`.
    pub(crate) fn of(tag: &str) -> Lang {
        if tag.to_ascii_lowercase().starts_with("zh") { Lang::Chinese } else { Lang::English }
    }

    /// English words in this language.
    pub(crate) fn say(self, english: &'static str) -> &'static str {
        match self {
            Lang::English => english,
            Lang::Chinese => CHINESE.iter().find(|(e, _)| *e == english).map_or(english, |(_, c)| c),
        }
    }
}

const CHINESE: &[(&str, &str)] = &[
    ("A file needs a name of its own.", "每个文件都需要独一无二的名称。"),
    ("A newer version of this page is ready.", "本页面有新版本。"),
    ("Accepts", "通过示例"),
    ("Category", "类别"),
    ("Clear what is kept", "清除已保存内容"),
    ("Close", "关闭"),
    ("Close the rule", "关闭规则"),
    ("Deployment", "部署图"),
    ("Download", "下载"),
    ("Evaluated at", "评估时间"),
    ("Example", "示例"),
    ("Files", "文件"),
    ("Filter", "筛选"),
    ("Filter findings", "筛选结果"),
    ("Findings", "结果"),
    ("Finds", "命中示例"),
    ("Fix all safe", "修复全部安全项"),
    ("In place of the rule's own severity", "替换规则的严重程度"),
    ("Keep my files in this browser", "在此浏览器中保存我的文件"),
    ("Kind of this file", "文件类型"),
    ("Language", "语言"),
    ("Light or dark", "浅色或深色"),
    ("Load it", "加载"),
    ("Loading the engine…", "正在加载引擎…"),
    ("Name of the file", "文件名"),
    ("Network", "网络"),
    ("New file", "新建文件"),
    ("New rule", "新建规则"),
    ("Next finding", "下一个结果"),
    ("No two of these files are joined yet.", "这些文件之间尚未发现关联。"),
    ("Not kept: your files live in this tab only.", "未保存：文件只存在于此标签页。"),
    ("Nothing found.", "未发现问题。"),
    ("Open files", "打开文件"),
    ("Open folder", "打开文件夹"),
    ("Previous finding", "上一个结果"),
    ("Proof", "验证"),
    ("Rule", "规则"),
    ("Rules", "规则"),
    ("Search rules", "搜索规则"),
    ("Settings", "设置"),
    ("Share all the same", "仍然分享"),
    ("Share link", "分享链接"),
    ("Share with *** for each secret", "用 *** 代替机密后分享"),
    ("Since", "始于"),
    ("Sources", "来源"),
    (
        "The address of this page now holds the files; it is on the clipboard.",
        "文件已写入本页地址，并已复制到剪贴板。",
    ),
    (
        "The page keeps your files in this browser until you clear them.",
        "文件保存在此浏览器中，直到您清除为止。",
    ),
    ("The rule behaves on every example.", "规则在所有示例上表现正确。"),
    (
        "These files hold secrets, and whoever has the link can read them.",
        "这些文件包含机密，任何拿到链接的人都能读取。",
    ),
    ("This link is long; some programs cut it off.", "该链接较长，部分程序可能会截断。"),
    ("Undo", "撤销"),
    ("Versions in use", "使用的版本"),
    ("What to do", "如何处理"),
    ("Why", "原因"),
    ("Written to connlint.toml", "写入 connlint.toml"),
    ("Your text never leaves this tab.", "您的文本绝不会离开此标签页。"),
    ("as the file says", "按文件内容"),
    ("choose…", "请选择…"),
    ("error", "错误"),
    ("errors", "错误"),
    ("finding", "个结果"),
    ("findings", "个结果"),
    ("fixes made", "处已修复"),
    ("info", "提示"),
    ("infos", "提示"),
    ("not recognised", "未识别"),
    ("off", "关闭"),
    ("rules", "条规则"),
    ("the rule's own", "规则默认"),
    ("warning", "警告"),
    ("warnings", "警告"),
];
