// The browser is shown the page as `npm start` serves it.
export { buildPage as setup } from '../../scripts/buildPage.ts';
