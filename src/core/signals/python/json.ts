/** JSON as Python's `json.dumps` writes it by default: `", "` and `": "`, everything outside ASCII escaped. */

export type PythonValue =
  null | boolean | number | string | PythonFloat | readonly PythonValue[] | { readonly [key: string]: PythonValue };

/** A number that Python holds as a float: `1e6` is written `1000000.0`, where the integer would be `1000000`. */
export class PythonFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Objects keep the order of their keys; callers that need `sort_keys` sort. */
export function pythonJson(value: PythonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return pythonString(value);
  if (value instanceof PythonFloat) return pythonFloat(value.value);
  if (Array.isArray(value)) return `[${value.map((item: PythonValue) => pythonJson(item)).join(', ')}]`;
  const entries = Object.entries(value as { readonly [key: string]: PythonValue });
  return `{${entries.map(([key, item]) => `${pythonString(key)}: ${pythonJson(item)}`).join(', ')}}`;
}

/** `repr(float)`: shortest decimal that reads back; scientific below 1e-4 and from 1e16 on, with two exponent digits. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e16 || size < 1e-4) {
    const [digits = '', exponent = '0'] = value.toExponential().split('e');
    const power = Number(exponent);
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const plain = value.toString();
  // JavaScript keeps decimals where Python does in this range; only the point of whole numbers is missing.
  return /[.]/.test(plain) ? plain : `${plain}.0`;
}

function pythonString(text: string): string {
  // JSON.stringify escapes what Python escapes; DEL and everything outside ASCII come on top, by UTF-16 unit.
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
