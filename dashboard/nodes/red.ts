/** The part of the APIs of Node-RED 5 and Dashboard 2 that these nodes use, typed. */

export interface Message {
  payload?: unknown;
  [property: string]: unknown;
}

export interface Node {
  readonly id: string;
  readonly type: string;
  on(event: 'close', listener: (removed: boolean, done: () => void) => void): void;
  send(message: Message): void;
  receive(message: Message): void;
  status(status: { fill?: string; shape?: string; text?: string }): void;
  error(error: Error | string): void;
  warn(text: string): void;
}

export interface WidgetConfig {
  readonly id: string;
  readonly type: string;
  readonly group: string;
}

/** What Dashboard calls for a widget. */
export interface WidgetEvents {
  /** What browsers get of a message that arrives at the node. */
  beforeSend(message: Message): Promise<Message>;
  /** Present: Dashboard stores nothing and sends nothing on. */
  onInput(): void;
  /** A browser emitted 'widget-send'. */
  onSend(message: Message | undefined): void;
  /** A browser emitted 'widget-change'. */
  onChange(): void;
}

/** A ui-group. */
export interface GroupNode extends Node {
  register(node: Node, config: object, events: WidgetEvents): void;
}

export interface Request {
  readonly params: Readonly<Record<string, string>>;
}

export interface Response {
  json(value: unknown): void;
  sendStatus(code: number): void;
  sendFile(path: string, options: object, done: (error?: Error) => void): void;
  readonly headersSent: boolean;
}

export type Handler = (request: Request, response: Response, next: () => void) => void;

export interface App {
  get(path: string, ...handlers: (Handler | readonly Handler[])[]): void;
}

export interface Red {
  readonly nodes: {
    createNode(node: Node, config: WidgetConfig): void;
    getNode(id: string): Node | null | undefined;
    registerType<C extends WidgetConfig>(type: string, construct: (this: Node, config: C) => void): void;
  };
  readonly settings: {
    readonly userDir?: string;
    readonly httpNodeRoot?: string | false;
    readonly dashboard?: { readonly middleware?: Handler | readonly Handler[] };
    readonly ui?: { readonly middleware?: Handler | readonly Handler[] };
  };
  readonly httpNode?: App;
  readonly httpAdmin: App;
  _(key: string): string;
}
