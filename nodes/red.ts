/** The part of Node-RED 5's API that these nodes use, typed. (The community's typings lag behind Node-RED 5.) */

export interface NodeConfig {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
}

export interface Message {
  _msgid?: string;
  payload?: unknown;
  [property: string]: unknown;
}

export interface NodeStatus {
  fill?: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  shape?: 'dot' | 'ring';
  text?: string;
}

export type Send<M extends Message = Message> = (message: M) => void;
export type Done = (error?: Error) => void;

export interface Node {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  /** In a subflow: id of the node in its template. */
  readonly _alias?: string;
  on(event: 'input', listener: (message: Message, send: Send, done: Done) => void): void;
  on(event: 'close', listener: (removed: boolean, done: () => void) => void): void;
  send(message: Message | (Message | null)[]): void;
  receive(message: Message): void;
  status(status: NodeStatus): void;
  error(error: Error, message?: Message): void;
  warn(text: string): void;
  log(text: string): void;
}

export interface HttpRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Of JSON, parsed. */
  readonly body?: unknown;
}

export interface HttpResponse {
  set(headers: Record<string, string>): HttpResponse;
  status(code: number): HttpResponse;
  send(body: Uint8Array): void;
  json(body: unknown): void;
  /** Express: with ETag, conditional and range requests. */
  sendFile(
    path: string,
    options: { dotfiles: 'allow'; headers: Record<string, string> },
    done: (error?: Error) => void,
  ): void;
  readonly headersSent: boolean;
  end(): void;
}

export type HttpHandler = (request: HttpRequest, response: HttpResponse, next: () => void) => void;

export interface Red {
  readonly nodes: {
    createNode(node: Node, config: NodeConfig): void;
    getNode(id: string): Node | null | undefined;
    eachNode(visit: (config: NodeConfig) => void): void;
    registerType<N extends Node, C extends NodeConfig>(
      type: string,
      construct: (this: N, config: C) => void,
      /** Settings, named after the type, that the editor finds in RED.settings. */
      options?: {
        readonly settings: Readonly<Record<string, { readonly value: unknown; readonly exportable: boolean }>>;
      },
    ): void;
  };
  readonly settings: {
    readonly userDir?: string;
    readonly fileWorkingDirectory?: string;
    readonly httpNodeMiddleware?: HttpHandler | HttpHandler[];
    /** Dashboard 2's, by its new and its old name. */
    readonly dashboard?: { readonly middleware?: HttpHandler | HttpHandler[] };
    readonly ui?: { readonly middleware?: HttpHandler | HttpHandler[] };
  };
  readonly comms: { publish(topic: string, data: unknown, retain?: boolean): void };
  readonly events: {
    on(name: string, listener: () => void): void;
    once(name: string, listener: () => void): void;
    off(name: string, listener: () => void): void;
  };
  readonly httpAdmin: {
    get(path: string, ...handlers: HttpHandler[]): void;
    post(path: string, ...handlers: HttpHandler[]): void;
  };
  /** What flows and dashboards serve; absent where the host program has none. */
  readonly httpNode?: { get(path: string, ...handlers: HttpHandler[]): void };
  readonly auth: { needsPermission(permission: string): HttpHandler };
  readonly util: {
    evaluateNodeProperty(
      value: string,
      type: string,
      node: Node,
      message: Message,
      callback: (error: Error | null, value: unknown) => void,
    ): void;
  };
  /** Translates a key of this node's catalog. */
  _(key: string, values?: Readonly<Record<string, string | number>>): string;
}
