import { addStyle } from '../common/style.ts';
import widgetStyle from '../common/widget.css?inline';
import style from './gallery.css?inline';

addStyle('motion-manga-gallery', widgetStyle + style);

export { default as UIMangaGallery } from './Gallery.vue';
