/** Puts a widget's style into the page, once. Vite would write it to a file of its own, which Dashboard does not load. */
export function addStyle(id: string, css: string): void {
  if (document.getElementById(id)) return;
  const style = document.createElement('style');
  style.id = id;
  style.textContent = css;
  document.head.append(style);
}
