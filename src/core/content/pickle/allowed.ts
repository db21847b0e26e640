/**
 * Names that ordinary model files import: exact pairs of module and name, reviewed one by one. Each either holds plain
 * data or rebuilds a tensor, array or layer from its arguments; none opens files, imports by name, evaluates text or
 * calls what it is given in a way that is not listed as an import of its own.
 *
 * Sources: `torch/_weights_only_unpickler.py` (what torch itself lets through), `torch/_utils.py`, `torch/serialization.py`,
 * the reduce methods of NumPy (`numpy/_core/src/multiarray/methods.c`, `numpy/random/_pickle.py`) and CPython's `copyreg`.
 * To add a name: read its code, state here what it does if that is not plain, add a test.
 */

const SCALARS =
  'bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 int1 int2 int3 int4 int5 int6 int7 uint1 uint2 uint3 uint4 uint5 uint6 uint7 ' +
  'short int long half float double float16 float32 float64 bfloat16 cfloat cdouble chalf complex32 complex64 complex128 ' +
  'float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu float4_e2m1fn_x2 ' +
  'quint8 qint8 qint32 quint4x2 quint2x4 bits1x8 bits2x4 bits4x2 bits8 bits16';
const STORAGES =
  'FloatStorage DoubleStorage HalfStorage BFloat16Storage LongStorage IntStorage ShortStorage CharStorage ByteStorage BoolStorage ' +
  'ComplexFloatStorage ComplexDoubleStorage QUInt8Storage QInt8Storage QInt32Storage QUInt4x2Storage QUInt2x4Storage UntypedStorage TypedStorage';
const TENSORS =
  'FloatTensor DoubleTensor HalfTensor BFloat16Tensor LongTensor IntTensor ShortTensor CharTensor ByteTensor BoolTensor';
/** Pure functions of tensors that modules keep as an attribute (an activation). */
const ACTIVATIONS =
  'relu relu6 gelu silu mish elu selu celu leaky_relu prelu rrelu glu tanh sigmoid hardtanh hardswish hardsigmoid softplus softsign ' +
  'softmax log_softmax logsigmoid tanhshrink softshrink hardshrink threshold';

/** Python's own. `builtins` also stands for `__builtin__`, `copyreg` for `copy_reg` (Python 2). */
const PYTHON: Readonly<Record<string, string>> = {
  // bytes, bytearray, range and str are watched for sizes when called: `calls.ts`.
  builtins:
    'set frozenset list dict tuple int float bool str bytes bytearray complex object slice range Ellipsis NotImplemented ' +
    'long unicode xrange Exception ValueError TypeError KeyError RuntimeError',
  collections: 'OrderedDict defaultdict Counter deque',
  // Calls `cls.__new__` of a class that is imported, and so listed, by itself.
  copyreg: '_reconstructor __newobj__ __newobj_ex__',
  // How protocols below 3 write bytes: latin-1 text. Other codecs are watched: `calls.ts`.
  _codecs: 'encode',
  datetime: 'datetime date time timedelta timezone',
  decimal: 'Decimal',
  fractions: 'Fraction',
  uuid: 'UUID SafeUUID',
  pathlib: 'Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath',
  'pathlib._local': 'Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath',
  argparse: 'Namespace',
  types: 'SimpleNamespace',
  array: 'array _array_reconstructor',
  re: '_compile',
  random: 'Random',
  // Looks up a logger by name; handlers are not on the list.
  logging: 'getLogger Logger',
  io: 'BytesIO StringIO',
  _io: 'BytesIO StringIO',
};

const NUMPY: Readonly<Record<string, string>> = {
  numpy:
    'ndarray dtype matrix bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 longdouble ' +
    'complex64 complex128 str_ bytes_ void datetime64 timedelta64 object_ float_ int_ longlong ulonglong',
  'numpy.core.multiarray': '_reconstruct scalar',
  'numpy._core.multiarray': '_reconstruct scalar',
  'numpy.core.numeric': '_frombuffer',
  'numpy._core.numeric': '_frombuffer',
  'numpy.ma.core': '_mareconstruct MaskedArray',
  'numpy.ma': 'MaskedArray',
  'numpy.core.records': 'recarray record',
  'numpy.rec': 'recarray record',
  'numpy.dtypes':
    'BoolDType Int8DType Int16DType Int32DType Int64DType UInt8DType UInt16DType UInt32DType UInt64DType Float16DType Float32DType ' +
    'Float64DType LongDoubleDType Complex64DType Complex128DType StrDType BytesDType VoidDType ObjectDType DateTime64DType TimeDelta64DType',
  'numpy.random': '__RandomState_ctor',
  // A place holder: joblib's own loader reads the array that follows it in the file.
  'joblib.numpy_pickle': 'NumpyArrayWrapper',
  'numpy.random._pickle': '__randomstate_ctor __generator_ctor __bit_generator_ctor',
  'numpy.random._mt19937': 'MT19937',
  'numpy.random._pcg64': 'PCG64 PCG64DXSM',
  'numpy.random._philox': 'Philox',
  'numpy.random._sfc64': 'SFC64',
  'numpy.random.bit_generator': 'SeedSequence',
};

const TORCH: Readonly<Record<string, string>> = {
  torch:
    `${SCALARS} ${STORAGES} ${TENSORS} Size device Tensor Generator per_tensor_affine per_channel_affine per_tensor_symmetric ` +
    'per_channel_symmetric per_channel_affine_float_qparams strided sparse_coo sparse_csr sparse_csc sparse_bsr sparse_bsc jagged ' +
    'contiguous_format preserve_format channels_last channels_last_3d relu tanh sigmoid selu softmax',
  'torch.cuda': `${STORAGES} ${TENSORS}`,
  'torch.storage': 'UntypedStorage TypedStorage _UntypedStorage _TypedStorage',
  'torch._utils':
    '_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor ' +
    '_rebuild_sparse_tensor _rebuild_sparse_csr_tensor _rebuild_nested_tensor _rebuild_meta_tensor_no_storage ' +
    '_rebuild_wrapper_subclass _rebuild_device_tensor_from_numpy _rebuild_device_tensor_from_cpu_tensor _rebuild_xla_tensor',
  // Calls a function that is imported, and so listed, by itself.
  'torch._tensor': '_rebuild_from_type _rebuild_from_type_v2 Tensor',
  'torch.tensor': '_rebuild_from_type _rebuild_from_type_v2 Tensor',
  'torch.autograd.variable': 'Variable',
  'torch.nn.parameter': 'Parameter Buffer UninitializedParameter UninitializedBuffer',
  'torch.serialization': '_get_layout',
  'torch.jit._pickle':
    'build_intlist build_doublelist build_boollist build_tensorlist build_tensor_from_id restore_type_tag',
  'torch.nn.functional': ACTIVATIONS,
  'torch._C._nn': 'gelu silu mish leaky_relu hardswish hardtanh softplus',
  'torch.optim.adadelta': 'Adadelta',
  'torch.optim.adagrad': 'Adagrad',
  'torch.optim.adam': 'Adam',
  'torch.optim.adamax': 'Adamax',
  'torch.optim.adamw': 'AdamW',
  'torch.optim.asgd': 'ASGD',
  'torch.optim.lbfgs': 'LBFGS',
  'torch.optim.nadam': 'NAdam',
  'torch.optim.radam': 'RAdam',
  'torch.optim.rmsprop': 'RMSprop',
  'torch.optim.rprop': 'Rprop',
  'torch.optim.sgd': 'SGD',
  'torch.optim.sparse_adam': 'SparseAdam',
  'torch.optim.optimizer': '_RequiredParameter',
  'torch.optim.lr_scheduler':
    'StepLR MultiStepLR ConstantLR LinearLR ExponentialLR PolynomialLR CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR ' +
    'OneCycleLR ReduceLROnPlateau LambdaLR MultiplicativeLR SequentialLR ChainedScheduler',
};

/** Layers of `torch.nn`: pickled without calling `__init__`; their `__setstate__` only fills attributes. */
const LAYERS: Readonly<Record<string, string>> = {
  activation:
    'Threshold ReLU RReLU Hardtanh ReLU6 Sigmoid Hardsigmoid Tanh SiLU Mish Hardswish ELU CELU SELU GLU GELU Hardshrink LeakyReLU ' +
    'LogSigmoid Softplus Softshrink MultiheadAttention PReLU Softsign Tanhshrink Softmin Softmax Softmax2d LogSoftmax ' +
    'NonDynamicallyQuantizableLinear',
  adaptive: 'AdaptiveLogSoftmaxWithLoss',
  batchnorm: 'BatchNorm1d BatchNorm2d BatchNorm3d SyncBatchNorm LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d',
  channelshuffle: 'ChannelShuffle',
  container: 'Container Sequential ModuleList ModuleDict ParameterList ParameterDict',
  conv:
    'Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d ' +
    'LazyConvTranspose2d LazyConvTranspose3d',
  distance: 'PairwiseDistance CosineSimilarity',
  dropout: 'Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout',
  flatten: 'Flatten Unflatten',
  fold: 'Fold Unfold',
  instancenorm: 'InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d',
  linear: 'Identity Linear Bilinear LazyLinear NonDynamicallyQuantizableLinear _LinearWithBias',
  loss:
    'L1Loss NLLLoss NLLLoss2d PoissonNLLLoss GaussianNLLLoss KLDivLoss MSELoss BCELoss BCEWithLogitsLoss HingeEmbeddingLoss ' +
    'MultiLabelMarginLoss SmoothL1Loss HuberLoss SoftMarginLoss CrossEntropyLoss MultiLabelSoftMarginLoss CosineEmbeddingLoss ' +
    'MarginRankingLoss MultiMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss CTCLoss',
  module: 'Module',
  normalization: 'LocalResponseNorm CrossMapLRN2d LayerNorm GroupNorm RMSNorm',
  padding:
    'CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d ReflectionPad2d ' +
    'ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d',
  pixelshuffle: 'PixelShuffle PixelUnshuffle',
  pooling:
    'MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d AvgPool1d AvgPool2d AvgPool3d FractionalMaxPool2d ' +
    'FractionalMaxPool3d LPPool1d LPPool2d LPPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AdaptiveAvgPool1d ' +
    'AdaptiveAvgPool2d AdaptiveAvgPool3d',
  rnn: 'RNNBase RNN LSTM GRU RNNCell LSTMCell GRUCell',
  sparse: 'Embedding EmbeddingBag',
  transformer: 'Transformer TransformerEncoder TransformerDecoder TransformerEncoderLayer TransformerDecoderLayer',
  upsampling: 'Upsample UpsamplingNearest2d UpsamplingBilinear2d',
};

const ALLOWED: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  [
    ...Object.entries(PYTHON),
    ...Object.entries(NUMPY),
    ...Object.entries(TORCH),
    ...Object.entries(LAYERS).map(([module, names]) => [`torch.nn.modules.${module}`, names] as const),
  ].map(([module, names]) => [module, new Set(names.split(' '))] as const),
);

/** Exact match; `module` with its Python 3 name. */
export function isAllowed(module: string, name: string): boolean {
  return ALLOWED.get(module)?.has(name) ?? false;
}
