// The console begins here: the browser's language and the last colour scheme in, the page out.

import './library-styles.js';
import './console.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { firstCatalogue } from './words/words.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element "root"');
const { language, catalogue } = await firstCatalogue();
createRoot(root).render(<App language={language} catalogue={catalogue} />);
