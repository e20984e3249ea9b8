import { createHash } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { userInfo } from 'node:os';
import { MangaError } from '../../errors/manga-error.ts';

/**
 * Runs `work` while no other process of this user and machine runs under the same name; waits for it otherwise.
 * The lock is a socket in Linux's abstract namespace: the kernel frees it however its holder ends, so none goes stale.
 */
export async function withLock<R>(name: string, onWait: () => void, work: () => Promise<R>): Promise<R> {
  const digest = createHash('sha256').update(`${userInfo().uid}:${name}`).digest('hex').slice(0, 32);
  const address = `\0motion-manga-${digest}`;
  let server = await tryListen(address);
  if (!server) onWait();
  while (!server) {
    await holderGone(address);
    server = await tryListen(address);
  }
  try {
    return await work();
  } finally {
    server.close();
  }
}

function tryListen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    // Those who wait stay connected until the lock is free; dropping them wakes them.
    const waiting = new Set<{ destroy(): void }>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => waiting.delete(socket));
    });
    const closeServer = server.close.bind(server);
    server.close = (callback) => {
      closeServer(callback);
      for (const socket of waiting) socket.destroy();
      return server;
    };
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(new MangaError('IO', `Cannot lock the set-up: ${error.message}.`, undefined, { cause: error }));
    });
    server.listen(address, () => resolve(server));
  });
}

function holderGone(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve());
  });
}
