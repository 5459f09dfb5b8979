import '@tongping/shared/styles/tokens.css';
import 'element-plus/dist/index.css';
import './styles/theme.css';
import './styles/base.css';
import { makeI18n } from '@tongping/shared/i18n/index';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { installElements } from './elements';
import en from './i18n/en';
import zh from './i18n/zh-CN';
import { router } from './router';

const app = createApp(App);
app.use(createPinia());
app.use(makeI18n(zh, en));
app.use(router);
installElements(app);
app.mount('#app');
