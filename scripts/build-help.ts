/**
 * Editor help from docs/nodes/: one Markdown page a node and language becomes `locales/<language>/<node>.html` beside
 * the built node. Node-RED's editor renders Markdown itself; what it has no Markdown for is put in as HTML here.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** English first: its pages must be there, the editor falls back to it. */
export const LANGUAGES = ['en-US', 'zh-CN', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** @param type 'manga-clip' @returns path of its page, relative to the repository */
export function helpPage(type: string, language: Language): string {
  return join('docs', 'nodes', language === 'en-US' ? '' : language, `${type.replace(/^manga-/, '')}.md`);
}

/**
 * Writes the help of all nodes of a package that there are pages for.
 *
 * @param root of the repository, where docs/ is
 * @param home of the package
 * @param nodes of its package.json: type to built file
 * @returns what is wrong: English pages that are missing
 */
export function writeHelp(root: string, home: string, nodes: Readonly<Record<string, string>>): string[] {
  const wrong: string[] = [];
  for (const [type, js] of Object.entries(nodes)) {
    for (const language of LANGUAGES) {
      const page = helpPage(type, language);
      if (!existsSync(join(root, page))) {
        if (language === 'en-US') wrong.push(`${page} is missing: it is the help of ${type}`);
        continue;
      }
      const folder = join(home, dirname(js), 'locales', language);
      mkdirSync(folder, { recursive: true });
      const html = helpScript(type, readFileSync(join(root, page), 'utf8'));
      writeFileSync(join(folder, `${basename(js, '.js')}.html`), html);
    }
  }
  return wrong;
}

/** @returns the element that the editor looks for, with Markdown in it */
export function helpScript(type: string, page: string): string {
  return `<script type="text/markdown" data-help-name="${type}">\n${helpMarkdown(page)}</script>\n`;
}

/**
 * A page of docs/nodes/ as the editor's help wants it: without its title, sections as h3 (which fold), lists of
 * properties as `<dl>`, links to other nodes' pages as `#manga-x` (nodes/common/editor.html follows them), links to
 * anything else in the repository as their text, no pictures.
 */
export function helpMarkdown(page: string): string {
  const text = page
    .replace(/^# .*\n+/, '')
    .replace(/^## /gm, '### ')
    .replace(/^!\[.*\n+/gm, '');
  return propertyLists(links(text).split('\n')).map(plainColons).join('\n');
}

function links(text: string): string {
  return text.replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (link, label: string, target: string) => {
    if (/^https?:/.test(target)) return link;
    const node = /^([\w-]+)\.md$/.exec(target);
    return node ? `[${label}](#manga-${node[1]})` : label;
  });
}

/** "- `payload` (string): what it is" or "- **Label**: what it does"; colon and brackets may be full-width. */
const PROPERTY = /^( *)- (?:`([^`]+)`(?: *[(（]([^)）]*)[)）])?|\*\*([^*]+)\*\*) *[:：] *(.*)$/;

function propertyLists(lines: readonly string[]): string[] {
  const out: string[] = [];
  let indent = '';
  let description: string[] | undefined;
  const closeItem = (): void => {
    if (description) out.push(`${indent}<dd>${inlineHtml(description.join(' '))}</dd>`);
  };
  const closeList = (): void => {
    if (!description) return;
    closeItem();
    description = undefined;
    out.push(`${indent}</dl>`);
  };
  for (const line of lines) {
    const property = PROPERTY.exec(line);
    if (property) {
      const [, at, name, type, label, text] = property;
      if (description && indent !== at) closeList();
      if (description) closeItem();
      else out.push('', `${at}<dl class="message-properties">`);
      indent = at!;
      description = [text!];
      const kind = type ? ` <span class="property-type">${entities(type)}</span>` : '';
      out.push(`${at}<dt>${entities(name ?? label!)}${kind}</dt>`);
    } else if (description && line.startsWith(`${indent}  `)) {
      description.push(line.trim());
    } else {
      closeList();
      out.push(line);
    }
  }
  closeList();
  return out;
}

function entities(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

/** Code, emphasis and links: within an HTML block the editor reads no Markdown. */
function inlineHtml(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith('`')
        ? `<code>${entities(part.slice(1, -1))}</code>`
        : part
            .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
            .replace(/\*([^*]+)\*/g, '<i>$1</i>')
            .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, '<a href="$2">$1</a>'),
    )
    .join('');
}

/** The editor takes ": a (b) c: d" after code or emphasis for a property of its own notation; an entity it leaves alone. */
function plainColons(line: string): string {
  return line.replace(/`[^`]*`|:(?=\s|$)/g, (found) => (found === ':' ? '&#58;' : found));
}
