// arrow.js -- the reader of Arrow streams, loaded when there are results to show.
export { RecordBatchReader, Table, tableFromIPC, DataType, Type } from "apache-arrow";
