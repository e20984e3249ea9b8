/** Node-RED's editor in a browser, worked as people work it: by mouse and keyboard. */
import type { Browser, Locator, Page } from 'playwright-core';

/** The editor's global, to look at what the mouse did. */
declare const RED: {
  nodes: { eachNode(f: (node: { id: string; type: string; valid: boolean }) => void): void };
};

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A node on the canvas. */
export interface Placed {
  readonly id: string;
  readonly type: string;
}

/** The mouse passes through some places in between: handlers see it move. */
const MOVES = 6;

export class Editor {
  readonly page: Page;

  static async open(browser: Browser, url: string, errors: string[]): Promise<Editor> {
    // Node-RED's tips fail when the page is slow to start: they want a sidebar that is not there yet.
    await fetch(`${url}/settings/user`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ editor: { view: { 'view-show-tips': false } } }),
    });
    const page = await browser.newPage({ viewport: { width: 1760, height: 900 }, locale: 'en-US' });
    page.setDefaultTimeout(120_000);
    page.on('pageerror', (error) => errors.push(error.stack ?? String(error)));
    await page.goto(url);
    await page.locator('.red-ui-palette-node[data-palette-type="manga-clip"]').waitFor({ state: 'attached' });
    return new Editor(page);
  }

  /** @param page where an editor is open */
  constructor(page: Page) {
    this.page = page;
  }

  /** Drags a node from the palette. @param to on the screen */
  async drop(type: string, to: Place): Promise<Placed> {
    const before = await this.#nodes();
    const block = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await block.scrollIntoViewIfNeeded();
    await this.drag(block, to);
    const [placed] = await this.#arrived(before);
    if (placed?.type !== type) throw new Error(`${type} did not arrive on the canvas: ${JSON.stringify(placed)}`);
    return placed;
  }

  /** Draws a wire. @param output counted from 0 */
  async wire(from: Placed, to: Placed, output = 0): Promise<void> {
    const wires = this.page.locator('.red-ui-flow-link');
    const count = await wires.count();
    const start = this.node(from).locator('.red-ui-flow-port-output .red-ui-flow-port').nth(output);
    const end = this.node(to).locator('.red-ui-flow-port-input .red-ui-flow-port');
    await this.drag(start, await centre(end));
    await wires.nth(count).waitFor({ state: 'attached' });
  }

  node({ id }: Placed): Locator {
    return this.page.locator(`[id="${id}"]`);
  }

  /** What stands under a node. */
  status(node: Placed): Locator {
    return this.node(node).locator('.red-ui-flow-node-status-label');
  }

  /** Opens a node's form by double click, does something in it, and presses Done. */
  async edit(node: Placed, work: (form: Locator) => Promise<void>): Promise<void> {
    await this.node(node).locator('.red-ui-flow-node').dblclick();
    const tray = this.page.locator('.red-ui-tray');
    await tray.waitFor();
    await work(tray);
    await this.page.locator('#node-dialog-ok').click();
    await tray.waitFor({ state: 'detached' });
  }

  /** Chooses the first config node that there is for a property, in the form that is open. */
  async choose(property: string): Promise<void> {
    const select = this.page.locator(`#node-input-${property}`);
    const id = await select
      .locator('option:not([value="_ADD_"]):not([value="__NONE__"])')
      .first()
      .getAttribute('value');
    await select.selectOption(id);
  }

  /** Shows a flow by its tab. */
  async show(name: string): Promise<void> {
    await this.page.locator('#red-ui-workspace-tabs').getByText(name, { exact: true }).click();
  }

  /** Menu, Import, Examples: brings an example of our package in, on a tab of its own. */
  async importExample(name: RegExp): Promise<Placed[]> {
    const before = await this.#nodes();
    await this.page.locator('#red-ui-header-button-sidemenu').click();
    await this.page.locator('#menu-item-import').click();
    const dialog = this.page.locator('.ui-dialog:visible', { has: this.page.locator('#red-ui-clipboard-dialog') });
    await dialog.getByRole('link', { name: 'Examples' }).click();
    const tree = dialog.locator('#red-ui-clipboard-dialog-import-tab-examples .red-ui-treeList-label-text');
    for (const label of [/^@motion-manga\/node-red$/, name]) await tree.getByText(label).click();
    await dialog.getByRole('button', { name: 'Import' }).click();
    // The dialog closes first; the example is fetched after, and comes in all at once.
    return this.#arrived(before);
  }

  /** Presses Deploy and waits until Node-RED says that it did. */
  async deploy(): Promise<void> {
    await this.page.locator('#red-ui-header-button-deploy:not(.disabled)').click();
    await this.page.locator('.red-ui-notification-success', { hasText: 'Successfully deployed' }).waitFor();
  }

  /** Types of nodes that the editor marks as wrong. */
  invalid(): Promise<string[]> {
    return this.page.evaluate(() => {
      const wrong: string[] = [];
      RED.nodes.eachNode(({ type, valid }) => void (valid || wrong.push(type)));
      return wrong;
    });
  }

  async drag(what: Locator, to: Place): Promise<void> {
    const { mouse } = this.page;
    const from = await centre(what);
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move(to.x, to.y, { steps: MOVES });
    await mouse.up();
  }

  /** Waits for nodes that were not there. @param before all nodes, before they were asked for */
  async #arrived(before: readonly Placed[]): Promise<Placed[]> {
    await this.page.waitForFunction((count) => {
      let now = 0;
      RED.nodes.eachNode(() => void now++);
      return now > count;
    }, before.length);
    return (await this.#nodes()).filter((node) => !before.some(({ id }) => id === node.id));
  }

  #nodes(): Promise<Placed[]> {
    return this.page.evaluate(() => {
      const nodes: { id: string; type: string }[] = [];
      RED.nodes.eachNode(({ id, type }) => void nodes.push({ id, type }));
      return nodes;
    });
  }
}

async function centre(of: Locator): Promise<Place> {
  const box = await of.boundingBox();
  if (!box) throw new Error('It is not on the screen.');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
