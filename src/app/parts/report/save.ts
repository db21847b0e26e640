/** Saves text as a file of this device. */
export function saveText(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the bytes by the time a minute is over.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
