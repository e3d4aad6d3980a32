import { render } from 'preact';
import { App } from './app/App';
import { loadFonts } from './styles/fonts';
import './styles/tokens.css';
import './styles/base.css';

const root = document.getElementById('app');
if (root) render(<App />, root);
loadFonts();
