import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeAtFileEnd } from '../setup/resources.js';
import { waitUntil } from '../setup/wait-until.js';

/** Mounts a file system of FUSE in whose name nobody answers, and says so. */
const MOUNT = `
import ctypes, os, sys, time
device = os.open('/dev/fuse', os.O_RDWR)
options = f'fd={device},rootmode=40000,user_id=0,group_id=0'.encode()
if ctypes.CDLL(None).mount(b'silent', sys.argv[1].encode(), b'fuse', 0, options) != 0: sys.exit(1)
print('mounted', flush=True)
time.sleep(600)
`;

export interface SilentMount {
  /** All that was asked fails from now on. */
  end(): Promise<void>;
}

/** Whether this machine lets this user mount: only root may, and containers often not. */
export function canMount(): boolean {
  const script = "import os; os.open('/dev/fuse', os.O_RDWR)";
  return process.getuid?.() === 0 && spawnSync('python3', ['-c', script]).status === 0 && mayMount();
}

function mayMount(): boolean {
  return spawnSync('unshare', ['-m', 'true']).status === 0;
}

/** A file system at this folder that answers nothing, as a network mount whose server is gone. */
export async function mountSilent(folder: string): Promise<SilentMount> {
  const child = spawn('python3', ['-c', MOUNT, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
    spawnSync('umount', ['-l', folder]);
  };
  closeAtFileEnd(`mount at ${folder}`, end);
  await once(child.stdout, 'data');
  await waitUntil(() => execFileSync('cat', ['/proc/mounts'], { encoding: 'utf8' }).includes(folder), 'the mount');
  return { end };
}
