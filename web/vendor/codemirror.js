// codemirror.js -- the parts of CodeMirror 6 that the query editor uses, as one module.
export { EditorState, Compartment, StateEffect, StateField, Prec, EditorSelection } from "@codemirror/state";
export {
  EditorView, Decoration, drawSelection, dropCursor, highlightActiveLine, highlightSpecialChars,
  hoverTooltip, keymap, lineNumbers, placeholder, rectangularSelection, showTooltip,
} from "@codemirror/view";
export { defaultKeymap, history, historyKeymap, indentWithTab, redo, undo } from "@codemirror/commands";
export {
  HighlightStyle, StreamLanguage, bracketMatching, indentUnit, syntaxHighlighting, syntaxTree,
} from "@codemirror/language";
export {
  acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap,
  completionStatus, snippetCompletion, startCompletion,
} from "@codemirror/autocomplete";
export { forceLinting, lintGutter, lintKeymap, linter, setDiagnostics } from "@codemirror/lint";
export { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
export { tags } from "@lezer/highlight";
