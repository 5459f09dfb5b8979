import '@tongping/shared/styles/tokens.css';
import './terminal.css';
import { makeI18n } from '@tongping/shared/i18n/index';
import { createApp } from 'vue';
import App from './App.vue';
import en from './i18n/en';
import zh from './i18n/zh-CN';

createApp(App).use(makeI18n(zh, en)).mount('#app');
