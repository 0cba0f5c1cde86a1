// aladin.js -- Aladin Lite, loaded when a sky view is opened.
export { default } from "aladin-lite";
