// The server's folder, opened: made when missing, locked for as long as the server runs, and with word of where it listens.

import { fileURLToPath } from 'node:url';
import { dataFilesIn, lockDataFolder, type DataFiles, type FolderLock } from '@tollkeeper/operations';

export type DataFolder = DataFiles & FolderLock;

/** @throws FolderInUse when another process has the lock; Error when the folder cannot be made. */
export function openDataFolder(folder: string): DataFolder {
  const sourcesFile = fileURLToPath(new URL('../demo/sources.json', import.meta.url));
  const lock = lockDataFolder(folder, { program: 'server', sourcesFile });
  return { ...dataFilesIn(folder), ...lock };
}
