/**
 * A hot folder in a process of its own, for tests that kill it or look whether it ends by itself.
 * Usage: node hotfolder-child.ts <inbox> <what>: 'hold' prints the first job's id and waits; 'close' completes one job,
 * closes while the next is out, and must then end by itself.
 */
import { HotFolder } from '../../lib/hotfolder/hot-folder.ts';
import { pictureProbe } from '../../lib/hotfolder/probe.ts';

const [inbox, what] = process.argv.slice(2) as [string, string];
let count = 0;
const folder = new HotFolder(
  { inbox, settleMs: 50, probe: pictureProbe(), recursive: true },
  {
    job(job) {
      count++;
      process.stdout.write(`${job.id}\n`);
      if (what === 'close') void (count === 1 ? folder.complete(job.id, []) : folder.close());
    },
    state() {},
    problem(error) {
      process.stderr.write(`${error.message}\n`);
    },
  },
);
await folder.start();
