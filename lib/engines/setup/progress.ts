/** Receives lines for people. */
export type ProgressLine = (line: string) => void;

/** Turns byte counts into a line each tenth of the way: "Unpacking: 82 of 274 MB (30 %)". */
export function byteProgress(label: string, total: number, onProgress: ProgressLine): (bytes: number) => void {
  let lastTenth = -1;
  return (bytes) => {
    const share = total > 0 ? Math.min(1, bytes / total) : 1;
    const tenth = Math.floor(share * 10);
    if (tenth <= lastTenth) return;
    lastTenth = tenth;
    onProgress(
      `${label}: ${megabytes(Math.min(bytes, total))} of ${megabytes(total)} MB (${Math.floor(share * 100)} %)`,
    );
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}
