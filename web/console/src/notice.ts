import { asApiError } from '@tongping/shared/api/error';
import { errorText } from '@tongping/shared/i18n/errorText';
import { language, translate } from '@tongping/shared/i18n/index';
import { ElMessage } from 'element-plus';

export function tellDone(text: string): void {
  ElMessage({ type: 'success', message: text, duration: 3000, showClose: true });
}

export function tellError(cause: unknown): void {
  const error = asApiError(cause);
  const text = errorText(error, language());
  const message = error.source ? `${text} ${translate('common.error.source')}：${error.source}` : text;
  ElMessage({ type: 'error', message, duration: 8000, showClose: true, grouping: true });
}
