/** Connections to Redis or Valkey, by the optional packages bullmq and ioredis. */
import type * as Bullmq from 'bullmq';
import { MangaError } from '../errors/manga-error.ts';

/** Part of every key, so that workers of another format of jobs never see ours. */
const FORMAT = 'v1';
const DEFAULT_NAME = 'motion-manga';
const CONNECT_MS = 5000;

export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
  /** Of the queue. */
  readonly name: string;
}

/** @throws MangaError BAD_SETTING. The message never holds the password. */
export function parseQueueUrl(text: string): QueueAddress {
  const hint = 'It is redis://host:6379/name, or rediss:// for TLS; user:password@ may stand before the host.';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^rediss?:$/.test(url.protocol) || !url.hostname)
    throw new MangaError('BAD_SETTING', 'The address of the queue is not one of Redis.', hint);
  const name = decodeURIComponent(url.pathname.slice(1)) || DEFAULT_NAME;
  if (!/^[\w.-]{1,100}$/.test(name))
    throw new MangaError(
      'BAD_SETTING',
      "The queue's name may have letters, digits, dots, dashes and underscores.",
      hint,
    );
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 6379),
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    tls: url.protocol === 'rediss:',
    name,
  };
}

/** What is used here of ioredis' client. Declared, so that types can be built without the optional package. */
export interface RedisClient {
  readonly status: string;
  connect(): Promise<unknown>;
  ping(): Promise<unknown>;
  set(key: string, value: Uint8Array, expiry: 'EX', seconds: number): Promise<unknown>;
  getBuffer(key: string): Promise<Buffer | null>;
  del(key: string): Promise<unknown>;
  disconnect(): void;
  duplicate(): RedisClient;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface QueueConnection {
  readonly bullmq: typeof Bullmq;
  readonly redis: RedisClient;
  readonly address: QueueAddress;
  /** Prefix of all keys. */
  readonly prefix: string;
  close(): void;
}

interface Packages {
  readonly bullmq: typeof Bullmq;
  readonly ioredis: { readonly Redis: new (options: Readonly<Record<string, unknown>>) => RedisClient };
}

async function load(): Promise<Packages> {
  // Not a literal: the compiler would want its types.
  const client: string = 'ioredis';
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import(client)]);
    return { bullmq, ioredis };
  } catch (cause) {
    throw new MangaError(
      'ENGINE_MISSING',
      'Drawing on several machines needs the packages bullmq and ioredis.',
      'Install them beside this one: npm install bullmq ioredis',
      { cause },
    );
  }
}

/** @throws MangaError BAD_SETTING, ENGINE_MISSING when the packages are not installed, IO when Redis cannot be reached */
export async function connect(url: string): Promise<QueueConnection> {
  const address = parseQueueUrl(url);
  const { host, port, username, password, tls, name } = address;
  const { bullmq, ioredis } = await load();
  const redis = new ioredis.Redis({
    ...{ host, port, username, password, tls: tls ? {} : undefined },
    // BullMQ asks for this: a command waits for the connection to come back.
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_MS,
    retryStrategy: (times: number) => Math.min(250 * times, 3000),
    lazyConnect: true,
  });
  // What goes wrong later shows in the commands, which wait; without a listener it would end the process.
  let reason = '';
  redis.on('error', (error: Error) => {
    reason = error.message;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    const why = reason || (error as Error).message;
    const hint = 'Is it running, and do address and password fit? Try: redis-cli -h HOST -p PORT ping';
    throw new MangaError('IO', `The queue at ${host}:${port} cannot be reached (${why}).`, hint, { cause: error });
  }
  return { bullmq, redis, address, prefix: `{${name}}:${FORMAT}`, close: () => redis.disconnect() };
}
