"""Start the dashboard: streamlit run app.py."""

from pages.shared import frame

frame.main()
