// editor.js -- the query editor: CodeMirror where its bundle is there, else the page's own
// textarea. Both are used the same way, and neither ever changes what somebody wrote: text
// is inserted at the cursor, and undo takes it back.
import { placeOf, stretchAt, suggestionOf } from "./adql.js";

/** {text, insert, replaceAll, focus, mark, onChange} of an editor made of the textarea.
 *  words: reserved words; complete: a source of completions; check(text): the node's answer. */
export async function createEditor(textarea, options) {
  let cm;
  if (options.isRich === false) return plainEditor(textarea, options);
  try {
    cm = await import("./vendor/codemirror.js");
  } catch {
    return plainEditor(textarea, options);
  }
  return richEditor(cm, textarea, options);
}

function plainEditor(textarea, { onChange, onRun, check }) {
  const note = document.createElement("p");
  note.className = "editor-note bad";
  note.setAttribute("role", "status");
  textarea.after(note);
  let timer;
  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    const answer = await check(textarea.value);
    if (mine === asked) note.textContent = answer && !answer.ok ? answer.message : "";
  };
  textarea.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 500);
    onChange();
  });
  textarea.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onRun();
  });
  textarea.setSelectionRange(textarea.value.length, textarea.value.length);
  const put = (text, from, to) => {
    textarea.focus();
    textarea.setSelectionRange(from, to);
    // the one way that the browser's undo knows
    if (!document.execCommand("insertText", false, text)) textarea.setRangeText(text, from, to, "end");
    onChange();
  };
  return {
    isRich: false,
    text: () => textarea.value,
    insert: (text) => put(text, textarea.selectionEnd, textarea.selectionEnd),
    replaceAll: (text) => put(text, 0, textarea.value.length),
    focus: () => textarea.focus(),
    cursor: () => textarea.selectionEnd,
    recheck: look,
  };
}

function language(cm, words) {
  const reserved = new Set(words);
  return cm.StreamLanguage.define({
    name: "adql",
    startState: () => ({}),
    token(stream) {
      if (stream.eatSpace()) return null;
      if (stream.match("--")) {
        stream.skipToEnd();
        return "comment";
      }
      if (stream.match(/^'(?:[^']|'')*'?/)) return "string";
      if (stream.match(/^"(?:[^"]|"")*"?/)) return "variableName.special";
      if (stream.match(/^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/)) return "number";
      const word = stream.match(/^[A-Za-z][A-Za-z0-9_]*/);
      if (word) {
        if (stream.match(/^\s*\(/, false) && !["IN", "AND", "OR", "NOT", "ON", "AS", "FROM", "WHERE", "USING", "EXISTS"].includes(word[0].toUpperCase()))
          return "variableName.function";
        return reserved.has(word[0].toUpperCase()) ? "keyword" : "variableName";
      }
      stream.next();
      return "operator";
    },
    languageData: { commentTokens: { line: "--" }, closeBrackets: { brackets: ["(", "'", '"'] } },
  });
}

function highlight(cm) {
  const { tags } = cm;
  return cm.syntaxHighlighting(cm.HighlightStyle.define([
    { tag: tags.keyword, class: "cm-keyword" },
    { tag: tags.string, class: "cm-text" },
    { tag: tags.number, class: "cm-number" },
    { tag: tags.comment, class: "cm-comment" },
    { tag: tags.function(tags.variableName), class: "cm-function" },
    { tag: tags.special(tags.variableName), class: "cm-quoted" },
  ]));
}

/** The node's answer as marks under the text. */
export function diagnosticsOf(answer, text) {
  if (!answer || answer.ok) return [];
  const found = answer.line > 0 ? stretchAt(text, placeOf(text, answer.line, answer.column)) : { from: 0, to: text.length };
  const suggestion = suggestionOf(answer);
  return [{ ...found, severity: "error", message: answer.message, suggestion }];
}

function replaceMark(view, from, to, insert) {
  view.dispatch({ changes: { from, to, insert }, userEvent: "input.complete" });
  view.focus();
}

/** Typing over marked text is done here: Chromium would keep its look by elements with
 *  styles, which the page's policy forbids. Brackets and quotes are put around it elsewhere. */
function typeOver(cm) {
  return cm.EditorView.domEventHandlers({
    beforeinput(event, view) {
      const nothingMarked = view.state.selection.main.empty;
      if (event.inputType !== "insertText" || !event.data || event.isComposing || nothingMarked || /^[('"]$/.test(event.data)) return false;
      event.preventDefault();
      view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type" });
      return true;
    },
  });
}

function richEditor(cm, textarea, { words, complete, check, onChange, onRun }) {
  const holder = document.createElement("div");
  holder.className = "editor";
  textarea.after(holder);
  textarea.hidden = true;
  const nonce = document.querySelector("meta[nonce]")?.nonce ?? "";
  const again = cm.StateEffect.define(); // the text is the same, what it is checked against is not
  const lint = cm.linter(async (view) => {
    const text = view.state.doc.toString();
    const answer = await check(text);
    if (view.state.doc.toString() !== text) return [];
    return diagnosticsOf(answer, text).map(({ suggestion, ...mark }) => ({
      ...mark,
      actions: suggestion ? [{ name: `Write ${suggestion}`, apply: (v, from, to) => replaceMark(v, from, to, suggestion) }] : [],
    }));
  }, { delay: 400, needsRefresh: (update) => update.transactions.some((t) => t.effects.some((e) => e.is(again))) });
  const run = { key: "Mod-Enter", run: () => { onRun(); return true; } };
  const view = new cm.EditorView({
    parent: holder,
    state: cm.EditorState.create({
      doc: textarea.value,
      selection: { anchor: textarea.value.length }, // what is put in goes behind, until somebody chooses a place
      extensions: [
        cm.EditorView.cspNonce.of(nonce),
        cm.Prec.highest(cm.keymap.of([run])),
        cm.lineNumbers(), cm.highlightSpecialChars(), cm.history(), cm.drawSelection(), cm.dropCursor(),
        cm.bracketMatching(), cm.closeBrackets(), cm.highlightActiveLine(), cm.EditorView.lineWrapping,
        language(cm, words), highlight(cm), lint, typeOver(cm), cm.lintGutter(),
        cm.autocompletion({ override: [complete], activateOnTyping: true, icons: false }),
        cm.keymap.of([...cm.closeBracketsKeymap, ...cm.completionKeymap, ...cm.lintKeymap, ...cm.searchKeymap, ...cm.historyKeymap, ...cm.defaultKeymap]),
        cm.EditorView.contentAttributes.of({ "aria-label": "Query in ADQL", "aria-describedby": "editor-help", spellcheck: "false", autocapitalize: "off" }),
        cm.EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          textarea.value = update.state.doc.toString();
          onChange();
        }),
      ],
    }),
  });
  const put = (insert, from, to) => {
    view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, scrollIntoView: true, userEvent: "input.paste" });
    view.focus();
  };
  return {
    isRich: true,
    view,
    text: () => view.state.doc.toString(),
    insert: (text) => put(text, view.state.selection.main.to, view.state.selection.main.to),
    replaceAll: (text) => put(text, 0, view.state.doc.length),
    focus: () => view.focus(),
    cursor: () => view.state.selection.main.head,
    recheck: () => view.dispatch({ effects: again.of(null) }),
  };
}
