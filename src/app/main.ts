/** Starts the app, unless boot.js found that this browser cannot run it. */
import { mount } from 'svelte';
import App from './App.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/print.css';

const root = document.documentElement;
const target = document.querySelector('#app');
if (target && !root.hasAttribute('data-unsupported')) {
  mount(App, { target });
  root.setAttribute('data-ready', '');
}
