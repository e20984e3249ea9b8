import uplotStyle from 'uplot/dist/uPlot.min.css?inline';
import { addStyle } from '../common/style.ts';
import widgetStyle from '../common/widget.css?inline';
import style from './monitor.css?inline';

addStyle('motion-manga-monitor', uplotStyle + widgetStyle + style);

export { default as UIMangaMonitor } from './Monitor.vue';
