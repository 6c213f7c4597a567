// The page's build: sources of the console in, files that a browser loads from below /console/ out, in `dist`.

import { defineConfig } from 'vite';

// Vite reads the default export; nothing of ours imports it.
export default defineConfig({
  base: '/console/',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The bundle's budget is counted from it.
    manifest: true,
    target: 'es2023',
    // Sizes are measured by a test.
    reportCompressedSize: false,
    sourcemap: false,
    rolldownOptions: {
      // The libraries mark their files for servers that render; there is none here.
      onLog: (level, log, tell) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log);
      },
    },
  },
});
