// How the page looks in both schemes: the library's theme, and the colours that are ours. Text keeps 4.5 : 1 against its ground.

import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** A little bluer than Mantine's, and light enough for text of secondary weight to be read on it. */
const DARK: MantineColorsTuple = [
  '#d5d9e2',
  '#b4bac8',
  '#a3aaba',
  '#7d8597',
  '#3a4152',
  '#2f3646',
  '#232938',
  '#191e2a',
  '#12161f',
  '#0c0f16',
];

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  colors: { dark: DARK },
});

export const colours: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--frame': '#dfe3eb',
    '--ground': '#f4f5f8',
    '--panel': '#ffffff',
    '--quiet': '#545b6b',
    '--accent': '#364fc7',
    '--chosen': '#e9edfb',
    '--bad': '#b02525',
    '--bad-ground': '#fdecec',
    '--good': '#1b6e33',
    '--good-ground': '#e7f6ec',
    '--warn': '#8a4b00',
    '--warn-ground': '#fff3e0',
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#545b6b',
    '--mantine-color-error': '#b02525',
    '--mantine-color-placeholder': '#6b7282',
  },
  dark: {
    '--frame': '#2f3646',
    '--ground': '#0f131b',
    '--panel': '#191e2a',
    '--quiet': '#a3aaba',
    '--accent': '#a5b8ff',
    '--chosen': '#262f4a',
    '--bad': '#ff9b9b',
    '--bad-ground': '#3a1f24',
    '--good': '#7fd99a',
    '--good-ground': '#173024',
    '--warn': '#ffc078',
    '--warn-ground': '#3a2a16',
    '--mantine-color-body': '#191e2a',
    '--mantine-color-dimmed': '#a3aaba',
    '--mantine-color-error': '#ff9b9b',
    '--mantine-color-placeholder': '#8f97a8',
  },
});
