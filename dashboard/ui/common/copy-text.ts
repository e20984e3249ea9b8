/**
 * Puts text on the clipboard. Pages that came over plain http, as most of a home network do, have no `navigator.clipboard`.
 * @param host in which a field may be selected: nothing outside an open dialog can be
 * @returns whether it is there
 */
export async function copyText(text: string, host: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not there, or forbidden: as browsers did it before.
  }
  const before = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.style.cssText = 'position: fixed; opacity: 0; pointer-events: none';
  host.append(field);
  field.select();
  let copied = false;
  try {
    copied = document.execCommand('copy');
  } catch {
    // Forbidden, too.
  }
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}
