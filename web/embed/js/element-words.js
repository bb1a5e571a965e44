// The element's own words, by language.
const CHINESE = {
  "Loading the engine…": "正在加载引擎…",
  "Nothing found.": "未发现问题。",
  error: "错误",
  warning: "警告",
  info: "提示",
  Why: "原因",
  "The text could not be loaded.": "无法加载文本。",
  "not recognised": "未识别",
};

/** A function that says English words in the language of an element. */
export const words = (element) => {
  const chinese = /^zh\b/i.test(element.closest("[lang]")?.lang ?? "");
  return {
    say: (english) => (chinese && CHINESE[english]) || english,
    count: (n) => (chinese ? `${n} 个结果` : `${n} ${n === 1 ? "finding" : "findings"}`),
    textOf: (name) => (chinese ? `${name} 的文本` : `Text of ${name}`),
    files: chinese ? "文件" : "Files",
    findings: chinese ? "结果" : "Findings",
  };
};
