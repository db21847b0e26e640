/**
 * TensorFlow operators that reach outside a model when it runs (tensorflow/core/ops/*.cc). TensorFlow's own policy:
 * "models are programs" (SECURITY.md); these are the ones by which a model reads, writes, calls or listens.
 */
const EFFECTS: Readonly<Record<string, string>> = {
  files:
    'ReadFile WriteFile MatchingFiles Save SaveSlices SaveV2 Restore RestoreSlice RestoreV2 MergeV2Checkpoints ShardedFilename ' +
    'WholeFileReader WholeFileReaderV2 FixedLengthRecordReader FixedLengthRecordReaderV2 TextLineReader TextLineReaderV2 TFRecordReader ' +
    'TFRecordReaderV2 LMDBReader ReaderRead ReaderReadV2 TextLineDataset TFRecordDataset TFRecordDatasetV2 FixedLengthRecordDataset ' +
    'FixedLengthRecordDatasetV2 SqlDataset ExperimentalSqlDataset CSVDataset CSVDatasetV2 ExperimentalCSVDataset LMDBDataset ' +
    'ExperimentalLMDBDataset ExperimentalMatchingFilesDataset MatchingFilesDataset SnapshotDataset ' +
    'SnapshotDatasetV2 SaveDataset SaveDatasetV2 LoadDataset DatasetToTFRecord ExperimentalDatasetToTFRecord CreateSummaryFileWriter ' +
    'CreateSummaryDbWriter WriteSummary ImportEvent',
  python: 'PyFunc PyFuncStateless EagerPyFunc NumpyFunc GeneratorDataset',
  network:
    'RpcClient RpcCall RpcServer RpcServerStart RpcServerRegister DeleteRpcFutureResource DataServiceDataset DataServiceDatasetV2 ' +
    'DataServiceDatasetV3 DataServiceDatasetV4 RegisterDataset RegisterDatasetV2 BigQueryReader CloudBigtableTable KafkaDataset ' +
    'DistributedSave',
  code: 'LoadLibrary XlaHostCompute CustomCall XlaCustomCall XlaCustomCallV2 RemoteCall RemoteFusedGraphExecute',
};

/** Part of how every SavedModel keeps its variables: they act only when somebody saves or restores. */
const USUAL: ReadonlySet<string> = new Set(['SaveV2', 'RestoreV2', 'MergeV2Checkpoints', 'ShardedFilename']);

const BY_NAME: ReadonlyMap<string, string> = new Map(
  Object.entries(EFFECTS).flatMap(([effect, names]) => names.split(' ').map((name) => [name, effect])),
);

/** What an operator reaches, or null. */
export function dangerousOperator(name: string): string | null {
  return USUAL.has(name) ? null : (BY_NAME.get(name) ?? null);
}
