/** Node-RED with the dashboard package installed as users install it: in the user folder's node_modules and package.json. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { type FlowNode, ROOT } from '../runtime/support/runtime.ts';

declare const axe: typeof import('axe-core');

export const DASHBOARD = '@motion-manga/node-red-dashboard-2-motion-manga';

export class DashboardRuntime {
  readonly userDir: string;
  readonly url: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  static async start(): Promise<DashboardRuntime> {
    const runtime = new DashboardRuntime(await freePort());
    await runtime.start();
    return runtime;
  }

  private constructor(port: number) {
    this.userDir = mkdtempSync(join(tmpdir(), 'motion-manga-dashboard-'));
    this.url = `http://127.0.0.1:${port}`;
    this.#port = port;
    const modules: Record<string, string> = {
      '@flowfuse/node-red-dashboard': join(ROOT, 'node_modules', '@flowfuse', 'node-red-dashboard'),
      '@motion-manga/node-red': ROOT,
      [DASHBOARD]: join(ROOT, 'dashboard'),
    };
    for (const [name, target] of Object.entries(modules)) {
      const link = join(this.userDir, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(target, link);
    }
    const dependencies = Object.fromEntries(Object.keys(modules).map((name) => [name, '*']));
    writeFileSync(
      join(this.userDir, 'package.json'),
      JSON.stringify({ name: 'tests', version: '1.0.0', dependencies }),
    );
  }

  async start(): Promise<void> {
    const script = join(import.meta.dirname, 'dashboard-node-red.ts');
    const child = fork(script, [this.userDir, String(this.#port)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('Node-RED ended before it was ready')));
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined);
  }

  /** @param signal SIGKILL: as a power cut */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  async deploy(flows: readonly FlowNode[]): Promise<void> {
    const response = await fetch(`${this.url}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(flows),
    });
    if (!response.ok) throw new Error(`deploy: ${response.status} ${await response.text()}`);
  }

  async close(): Promise<void> {
    await this.end();
    rmSync(this.userDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What axe-core calls serious or critical in a part of the page. */
export async function seriousFindings(page: Page, part: string): Promise<string[]> {
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
  return page.evaluate(async (selector) => {
    const { violations } = await axe.run(selector);
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
  }, part);
}

/** Two themes, two pages, a group on each: `light` and `dark` hold one widget each. */
export function pages(light: readonly FlowNode[], dark: readonly FlowNode[] = []): FlowNode[] {
  const theme = (id: string, colors: object): FlowNode => ({
    id,
    type: 'ui-theme',
    name: id.replace('theme-', ''),
    colors,
    sizes: { density: 'default', pagePadding: '12px', groupGap: '12px', groupBorderRadius: '8px', widgetGap: '12px' },
  });
  const page = (id: string, order: number): FlowNode => ({
    id: `page-${id}`,
    type: 'ui-page',
    // The router of Dashboard wants names that differ.
    name: `Motion Manga, ${id}`,
    ui: 'base',
    path: `/${id}`,
    icon: 'home',
    layout: 'grid',
    theme: `theme-${id}`,
    breakpoints: [
      { name: 'Default', px: '0', cols: '3' },
      { name: 'Tablet', px: '576', cols: '6' },
      { name: 'Small Desktop', px: '768', cols: '9' },
      { name: 'Desktop', px: '1024', cols: '12' },
    ],
    order,
    visible: 'true',
    disabled: 'false',
  });
  const group = (id: string): FlowNode => ({
    id: `group-${id}`,
    type: 'ui-group',
    name: 'group',
    page: `page-${id}`,
    width: '12',
    height: '1',
    order: 1,
    showTitle: false,
    visible: 'true',
    disabled: 'false',
    groupType: 'default',
  });
  return [
    {
      id: 'base',
      type: 'ui-base',
      name: 'Motion Manga',
      path: '/dashboard',
      includeClientData: true,
      acceptsClientConfig: [],
    },
    theme('theme-light', {
      surface: '#ffffff',
      primary: '#0094CE',
      bgPage: '#eeeeee',
      groupBg: '#ffffff',
      groupOutline: '#cccccc',
    }),
    theme('theme-dark', {
      surface: '#1b1f24',
      primary: '#4fb3e8',
      bgPage: '#121417',
      groupBg: '#1b1f24',
      groupOutline: '#2c323a',
    }),
    page('light', 1),
    page('dark', 2),
    group('light'),
    group('dark'),
    ...light.map((node) => ({ ...node, group: 'group-light' })),
    ...dark.map((node) => ({ ...node, group: 'group-dark' })),
  ];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** What `read` gives once it gives it twice, more than a second apart: the last points may come a moment after the state. */
export async function whatStays<T>(read: () => Promise<T>): Promise<T> {
  for (let seen = await read(); ; ) {
    await new Promise((again) => setTimeout(again, 1500));
    const now = await read();
    if (now === seen) return now;
    seen = now;
  }
}

/** What the server sends to a page's widgets from now on. Call it before the page is opened. */
export function listen(page: Page): string[] {
  const messages: string[] = [];
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).includes('"msg-input:')) messages.push(String(payload));
    }),
  );
  return messages;
}

/** Which of these carry pictures or videos, rather than their addresses. */
export const withMedia = (messages: readonly string[]): string[] =>
  messages.filter((each) => each.length > 4000 || /data:\w+\/|[A-Za-z0-9+/=_-]{200,}|"type":"Buffer"/.test(each));
