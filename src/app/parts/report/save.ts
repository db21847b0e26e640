/** Saves text as a file of this device. */
export function saveText(name: string, text: string, type: string): void {
  saveBlob(name, new Blob([text], { type }));
}

/** Saves bytes as a file of this device. */
export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the bytes by the time a minute is over.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
