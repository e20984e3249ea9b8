/** Someone who watches a monitor, without a browser: asks for what the page asks for, receives what the page receives. */
import { once } from 'node:events';
import type { RunStatus, RunUpdate } from '../lib/monitor/types.ts';

/** First characters of Engine.IO and Socket.IO packets, protocol 5: https://socket.io/docs/v4/socket-io-protocol */
const OPEN = '0';
const PING = '2';
const PONG = '3';
const UPGRADE = '5';
const CONNECT = '40';
const EVENT = '42';

export class SocketViewer {
  readonly #socket: WebSocket;
  readonly #url: string;
  readonly #monitor: string;
  /** Progress reports that came. */
  reports = 0;

  /** @param url of Node-RED @param monitor id of the widget */
  static async open(url: string, monitor: string): Promise<SocketViewer> {
    const runs = (await (await fetch(`${url}/motion-manga/monitor/${monitor}/runs`)).json()) as RunStatus[];
    const newest = runs.at(-1);
    if (newest) await (await fetch(`${url}/motion-manga/monitor/${monitor}/runs/${newest.id}`)).arrayBuffer();
    // Dashboard refuses whoever does not begin by polling.
    const polling = `${url}/dashboard/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(polling)).text()).slice(OPEN.length)) as { sid: string };
    await fetch(`${polling}&sid=${sid}`, { method: 'POST', body: CONNECT });
    const socket = new WebSocket(`${polling.replace('http', 'ws').replace('=polling', '=websocket')}&sid=${sid}`);
    const viewer = new SocketViewer(socket, url, monitor);
    await once(socket, 'open');
    socket.send(`${PING}probe`);
    await once(socket, 'message');
    socket.send(UPGRADE);
    return viewer;
  }

  private constructor(socket: WebSocket, url: string, monitor: string) {
    this.#socket = socket;
    this.#url = url;
    this.#monitor = monitor;
    socket.addEventListener('message', ({ data }) => this.#take(String(data)));
  }

  /** What a page sends when a button is pressed; anyone who sees the dashboard can. */
  press(action: string): void {
    this.#socket.send(`${EVENT}${JSON.stringify(['widget-send', this.#monitor, { action }])}`);
  }

  close(): void {
    this.#socket.close();
  }

  #take(packet: string): void {
    if (packet === PING) this.#socket.send(PONG);
    if (!packet.startsWith(EVENT)) return;
    const [event, message] = JSON.parse(packet.slice(EVENT.length)) as [string, { payload?: RunUpdate }];
    if (event !== `msg-input:${this.#monitor}` || !message.payload) return;
    this.reports++;
    const { status, sample } = message.payload;
    if (sample === undefined) return;
    const strip = `${this.#url}/motion-manga/monitor/${this.#monitor}/runs/${status.id}/samples/${sample}`;
    void fetch(strip).then((picture) => picture.arrayBuffer());
  }
}
