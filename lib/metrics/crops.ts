import { cropTo, type Picture, readPicture } from './picture.ts';
import { CROP, drawnSize, type Photo } from './subject.ts';

/** The middle CROP² of a drawing. @param drawing at least CROP wide and high */
export function middle(drawing: Picture): Promise<Picture> {
  const { width, height } = drawing;
  const box = { left: Math.floor((width - CROP) / 2), top: Math.floor((height - CROP) / 2), width: CROP, height: CROP };
  return cropTo(drawing, box, CROP);
}

/** The middle of the photo in its own colours, at the scale at which it is drawn. */
export async function photoCrop({ file }: Photo): Promise<Picture> {
  const photo = await readPicture(file);
  const { width, height } = drawnSize(photo);
  return middle(await cropTo(photo, { left: 0, top: 0, width: photo.width, height: photo.height }, width, height));
}
