import { inject, onMounted, onUnmounted } from 'vue';

/** The part of socket.io's client that widgets use. */
export interface Socket {
  on(event: string, listener: (value: never) => void): void;
  off(event: string, listener: (value: never) => void): void;
  emit(event: string, ...values: unknown[]): void;
}

/**
 * @param message called with the payload of each message that the node passes on
 * @param connect called when the connection is there again
 * @returns sends a message from this widget's node
 */
export function useSocket<P>(id: string, message: (payload: P) => void, connect: () => void): (msg: object) => void {
  const socket = inject<Socket>('$socket')!;
  const take = ({ payload }: { payload?: P }): void => {
    if (payload !== undefined) message(payload);
  };
  onMounted(() => {
    socket.on(`msg-input:${id}`, take);
    socket.on('connect', connect);
  });
  onUnmounted(() => {
    socket.off(`msg-input:${id}`, take);
    socket.off('connect', connect);
  });
  return (msg) => socket.emit('widget-send', id, msg);
}
