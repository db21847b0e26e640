/**
 * Names known to do more than hold data when called with chosen arguments, and what they do. Whole modules where nearly
 * everything in them qualifies; a module of Python's library that is neither here nor on the allow-list stays unknown.
 *
 * Sources: the documentation and source of CPython 3.11 to 3.14 and of the libraries named; the published bypasses of
 * pickle scanners (advisories GHSA-* of mmaitre314/picklescan, 2025 and 2026); Python 2 names from `_compat_pickle.py`.
 */
import type { Danger } from './import.ts';

/** Modules with everything below them. */
const MODULES: Readonly<Record<Danger, string>> = {
  program:
    'os posix nt subprocess _posixsubprocess _winapi pty commands popen2 multiprocessing _multiprocessing asyncio _asyncio ' +
    'concurrent pexpect sh plumbum fabric invoke win32api win32com win32process winreg _winreg msvcrt signal _signal ' +
    'ctypes _ctypes cffi _cffi_backend platform sysconfig _sysconfig _aix_support _osx_support _pyrepl venv ensurepip pip setuptools ' +
    'pkg_resources distutils turtledemo test numpy.testing numpy.distutils numpy.f2py torch.utils.collect_env torch.utils.bottleneck ' +
    'torch.testing torch.utils.benchmark triton nltk.internals',
  code:
    'code codeop runpy timeit trace profile cProfile _lsprof bdb pdb doctest unittest idlelib lib2to3 rlcompleter pydoc inspect dis ' +
    'compileall py_compile modulefinder zipapp cgitb this antigravity IPython ipykernel jupyter_client jinja2 mako numexpr asteval ' +
    'sympy torch._dynamo torch._inductor torch._export torch._functorch torch._lazy torch.fx torch.jit torch.package torch.compiler ' +
    'torch.onnx torch.utils.cpp_extension torch.utils._config_module torch.utils._config_typing torch.utils.data.datapipes ' +
    'torch.utils.serialization torch.utils.hipify torch.ao.quantization.fx pandas.core.computation pandas.eval numpy.lib.utils ' +
    'keras.models keras.saving keras.src.saving keras.src.models tf_keras.models tensorflow.keras.models tensorflow.saved_model ' +
    'tensorflow.python.saved_model tensorflow.python.ops.script_ops tensorflow.io tensorflow.python.ops.io_ops tensorflow.load_library',
  import:
    'importlib imp _imp pkgutil zipimport _frozen_importlib _frozen_importlib_external runpy site sitecustomize usercustomize',
  network:
    'socket _socket ssl _ssl http httplib urllib urllib2 urllib3 urlparse ftplib telnetlib smtplib smtpd poplib imaplib nntplib xmlrpc ' +
    'xmlrpclib SimpleXMLRPCServer socketserver SocketServer BaseHTTPServer SimpleHTTPServer CGIHTTPServer wsgiref webbrowser asyncore ' +
    'asynchat requests aiohttp httpx paramiko websocket websockets pycurl twisted tornado huggingface_hub modelscope gdown boto3 ' +
    'botocore s3fs gcsfs adlfs smart_open torch.hub torch.distributed.rpc torch.distributed.run torch.distributed.launch torch.distributed.elastic torch.distributed.distributed_c10d torch.utils.model_zoo torch.utils.tensorboard ray dask',
  files:
    'io _io _pyio shutil tempfile glob fileinput linecache zipfile tarfile gzip bz2 _bz2 lzma _lzma sqlite3 _sqlite3 dbm _dbm _gdbm anydbm ' +
    'whichdb gdbm dumbdbm logging mailbox netrc filecmp fcntl mmap mimetypes gettext plistlib wave aifc sunau chunk sndhdr imghdr tabnanny ' +
    'tokenize posixpath ntpath genericpath pathlib csv configparser ConfigParser pwd grp spwd nis fsspec xml ' +
    'numpy.lib.npyio numpy.lib._npyio_impl numpy.lib.format numpy.lib._format_impl numpy.memmap numpy.ctypeslib',
  pickle:
    'pickle _pickle cPickle pickle5 pickletools shelve marshal joblib sklearn.externals.joblib dill cloudpickle jsonpickle hickle yaml ' +
    '_yaml ruamel pandas.io torch.serialization torch._weights_only_unpickler torch.multiprocessing copyreg compress_pickle',
  interpreter:
    'sys _xxsubinterpreters _interpreters gc atexit faulthandler tracemalloc _thread thread dummy_thread threading',
  indirect: 'functools _functools codecs encodings ctypes.util cmd',
  resource: '',
};

/** Single names where the module as a whole is ordinary, or does something else. */
const NAMES: Readonly<Record<Danger, string>> = {
  code:
    'builtins.eval builtins.exec builtins.execfile builtins.compile builtins.breakpoint builtins.help builtins.input builtins.raw_input ' +
    'types.FunctionType types.LambdaType types.CodeType types.new_class types.prepare_class ' +
    'torch.compile numpy.vectorize numpy.fromfunction numpy.fromiter numpy.apply_along_axis numpy.piecewise pandas.DataFrame.eval ' +
    'pandas.DataFrame.query collections.namedtuple dataclasses.make_dataclass typing.get_type_hints ' +
    'typing._eval_type typing.ForwardRef._evaluate',
  indirect:
    'builtins.getattr builtins.setattr builtins.delattr builtins.apply builtins.map builtins.filter builtins.reduce builtins.globals ' +
    'builtins.locals builtins.vars builtins.dir builtins.super builtins.property builtins.classmethod ' +
    'builtins.staticmethod ' +
    'operator.attrgetter operator.methodcaller operator.call operator.setitem operator.delitem _operator.attrgetter ' +
    '_operator.methodcaller _operator.call _operator.setitem _operator.delitem itertools.starmap itertools.accumulate ' +
    'itertools.groupby itertools.filterfalse itertools.takewhile itertools.dropwhile types.MethodType types.ModuleType ' +
    'types.BuiltinFunctionType types.DynamicClassAttribute types.coroutine contextlib.ExitStack contextlib.contextmanager weakref.finalize ' +
    'sched.scheduler copyreg.add_extension copyreg.pickle copyreg.constructor',
  import:
    'builtins.__import__ builtins.reload numpy.core._ufunc_reconstruct numpy._core._ufunc_reconstruct numpy.core._DType_reconstruct',
  files:
    'builtins.open builtins.file numpy.load numpy.save numpy.savez numpy.savez_compressed numpy.savetxt numpy.loadtxt numpy.genfromtxt ' +
    'numpy.fromfile numpy.fromregex numpy.memmap numpy.DataSource numpy.ndarray.tofile numpy.ndarray.dump torch.save torch.from_file ' +
    'torch.UntypedStorage.from_file torch.FloatStorage.from_file pandas.read_csv pandas.read_table pandas.read_json pandas.read_html ' +
    'pandas.read_xml pandas.read_excel pandas.read_parquet pandas.read_hdf pandas.read_sql json.load xml.etree.ElementTree.parse',
  pickle:
    'numpy.loads numpy.core.multiarray._load numpy.ndarray.__setstate__ torch.load torch.storage._load_from_bytes torch.UntypedStorage._load_from_bytes ' +
    'pandas.read_pickle pandas.to_pickle',
  program:
    'uuid._get_command_stdout uuid._popen uuid._find_mac getpass.getpass getpass.unix_getpass torch.ops.load_library torch.classes.load_library torch._C._load_for_lite_interpreter',
  interpreter:
    'builtins.exit builtins.quit site._Printer torch.set_default_tensor_type torch.use_deterministic_algorithms',
  network: '',
  resource: 'sys.setrecursionlimit sys.set_int_max_str_digits time.sleep resource.setrlimit',
};

/** Whatever the library: a function of this name runs text or programs. */
const TELLING: Readonly<Record<string, Danger>> = {
  eval: 'code',
  exec: 'code',
  execfile: 'code',
  runcode: 'code',
  runsource: 'code',
  runstring: 'code',
  run_code: 'code',
  system: 'program',
  popen: 'program',
  Popen: 'program',
  check_output: 'program',
  check_call: 'program',
  getoutput: 'program',
  getstatusoutput: 'program',
  import_module: 'import',
  load_module: 'import',
  exec_module: 'import',
  __import__: 'import',
  read_pickle: 'pickle',
  urlopen: 'network',
  urlretrieve: 'network',
};

const BY_MODULE = byName(MODULES);
const BY_NAME = byName(NAMES);
/** Parts of the longest known name: longer prefixes are nobody's, and a hostile name may have thirty thousand parts. */
const PARTS_MAX = Math.max(...[...BY_MODULE.keys(), ...BY_NAME.keys()].map((name) => name.split('.').length));

function byName(lists: Readonly<Record<Danger, string>>): ReadonlyMap<string, Danger> {
  const map = new Map<string, Danger>();
  for (const [danger, names] of Object.entries(lists) as [Danger, string][]) {
    for (const name of names.split(' ')) if (name !== '' && !map.has(name)) map.set(name, danger);
  }
  return map;
}

/**
 * What the name is known to do, or null. `path` is module and name joined by a dot: STACK_GLOBAL walks attributes, so
 * `torch` + `hub.load`, `torch.hub` + `load` and `torch.serialization` + `os.system` all have to be seen.
 */
export function knownDanger(module: string, name: string): Danger | null {
  const path = `${module}.${name}`;
  const steps = path.split('.');
  const exact = BY_NAME.get(path);
  if (exact !== undefined) return exact;
  // The longest known prefix says most.
  for (let end = Math.min(steps.length, PARTS_MAX); end > 0; end -= 1) {
    const prefix = steps.slice(0, end).join('.');
    const danger = BY_MODULE.get(prefix) ?? (end < steps.length ? BY_NAME.get(prefix) : undefined);
    if (danger !== undefined) return danger;
  }
  // An attribute that is itself such a module: `numpy` + `os`, `torch.serialization` + `os.system`.
  const attributes = name.split('.');
  for (const attribute of attributes) {
    const danger = BY_MODULE.get(attribute);
    if (danger !== undefined && !isPlainWord(attribute)) return danger;
  }
  if (attributes.some((attribute) => /^__\w+__$/.test(attribute))) return 'indirect';
  const last = attributes.at(-1)!;
  return Object.hasOwn(TELLING, last) ? TELLING[last]! : null;
}

/** Module names that are ordinary words and so ordinary attribute names of other libraries. */
function isPlainWord(word: string): boolean {
  return ' code test trace profile this site select http xml wave chunk invoke sh ray logging io signal platform dask cmd keras pathlib inspect files '.includes(
    ` ${word} `,
  );
}
