"""Names, places and phrases that seeded worlds are made of."""

from app.sandbox.records.people import Place


def listed(text: str) -> tuple[str, ...]:
    """Split a text at its semicolons."""
    return tuple(text.split(";"))


FIRST_NAMES = listed(
    "Dana;Samuel;Priya;Mateo;Ingrid;Kofi;Yuki;Elena;Tomasz;Aisha;Lucas;Noor;Hannah;Diego;Mei;Oleksandr;Fatima;"
    "Liam;Zanele;Ravi;Camila;Henrik;Thu;Amara;Pavel;Leila;Jonas;Bianca;Emeka;Sofia;Arjun;Katya;Miguel;Chloe;"
    "Hassan;Nadia;Bram;Isla;Rahul;Marta;Joel;Ximena;Piotr;Grace;Farid;Anika;Stefan;Lucia;Omar;Tessa;Vikram;"
    "Helga;Nuno;Jade;Ken;Ruth;Milan;Salma;Owen;Daria;Felix;Ines"
)
LAST_NAMES = listed(
    "Rivera;Ito;Sharma;Silva;Larsen;Mensah;Tanaka;Popescu;Kowalski;Rahman;Costa;Haddad;Miller;Torres;Chen;"
    "Shevchenko;Malik;Walsh;Dlamini;Patel;Moreno;Berg;Nguyen;Okafor;Novak;Karimi;Weber;Rossi;Eze;Petrova;Gupta;"
    "Sokolova;Herrera;Martin;Aziz;Benali;Jansen;Campbell;Verma;Nowak;Fischer;Vargas;Zielinska;Otieno;Nasser;"
    "Lindqvist;Ivanov;Romero;Farouk;Bakker;Iyer;Schmidt;Carvalho;Bennett;Sato;Cohen;Horvat;Amrani;Doyle;"
    "Volkova;Braun;Marques"
)
PLACES = (
    Place(
        "US", "Denver", "CO", "80202", "America/Denver", "UTC-07:00 Mountain Time (US & Canada)", -420, "17th Street 1"
    ),
    Place("JP", "Osaka", None, "530-0001", "Asia/Tokyo", "UTC+09:00 Osaka, Sapporo, Tokyo", 540, "Umeda 3"),
    Place("IN", "Pune", "MH", "411001", "Asia/Kolkata", "UTC+05:30 Mumbai, Kolkata, Chennai", 330, "MG Road 12"),
    Place("BR", "Curitiba", "PR", "80010-010", "America/Sao_Paulo", "UTC-03:00 Brasilia", -180, "Rua XV 210"),
    Place("UA", "Lviv", None, "79000", "Europe/Kiev", "UTC+02:00 Kyiv, Vilnius, Sofia", 120, "Svobody 5"),
    Place("PL", "Wroclaw", None, "50-001", "Europe/Warsaw", "UTC+01:00 Warsaw, Zagreb, Skopje", 60, "Rynek 8"),
    Place("PH", "Cebu City", None, "6000", "Asia/Manila", "UTC+08:00 Manila, Singapore", 480, "Osmena 44"),
    Place("NG", "Lagos", None, "101241", "Africa/Lagos", "UTC+01:00 West Central Africa", 60, "Broad Street 9"),
    Place("DE", "Leipzig", None, "04109", "Europe/Berlin", "UTC+01:00 Berlin, Rome, Vienna", 60, "Markt 2"),
    Place("ES", "Valencia", None, "46002", "Europe/Madrid", "UTC+01:00 Brussels, Madrid, Paris", 60, "Calle Colon 20"),
    Place("PK", "Lahore", None, "54000", "Asia/Karachi", "UTC+05:00 Islamabad, Karachi", 300, "Mall Road 31"),
    Place(
        "CA", "Halifax", "NS", "B3J 1A1", "America/Halifax", "UTC-04:00 Atlantic Time (Canada)", -240, "Barrington 77"
    ),
    Place("AU", "Brisbane", "QLD", "4000", "Australia/Brisbane", "UTC+10:00 Brisbane", 600, "Queen Street 6"),
    Place("KE", "Nairobi", None, "00100", "Africa/Nairobi", "UTC+03:00 Nairobi", 180, "Kenyatta Avenue 15"),
    Place(
        "US", "Austin", "TX", "78701", "America/Chicago", "UTC-06:00 Central Time (US & Canada)", -360, "Congress 400"
    ),
    Place("AR", "Rosario", None, "S2000", "America/Buenos_Aires", "UTC-03:00 Buenos Aires", -180, "Pellegrini 90"),
    Place("EG", "Cairo", None, "11511", "Africa/Cairo", "UTC+02:00 Cairo", 120, "Tahrir 1"),
    Place("GB", "Leeds", None, "LS1 1UR", "Europe/London", "UTC+00:00 Dublin, Edinburgh, London", 0, "Briggate 19"),
)
CATEGORIES: dict[str, dict[str, str]] = {
    "Web, Mobile & Software Dev": {
        "Web Development": "Front-End Development;Back-End Development;Full Stack Development;CMS Development",
        "Mobile Development": "Mobile App Development;Mobile Game Development",
        "Scripts & Utilities": "Automation;Desktop Software Development",
        "QA Testing": "Manual Testing;Automation Testing",
    },
    "Design & Creative": {
        "Graphic, Editorial & Presentation Design": "Presentation Design;Packaging Design;Editorial Design",
        "Branding & Logo Design": "Brand Identity Design;Logo Design",
        "Video & Animation": "Video Editing;2D Animation;3D Animation",
    },
    "Writing": {
        "Content Writing": "Article & Blog Writing;Website Content Writing;Ghostwriting",
        "Editing & Proofreading Services": "Copy Editing;Proofreading",
    },
    "Sales & Marketing": {
        "Digital Marketing": "SEO;Email Marketing;Social Media Marketing;Search Engine Marketing",
        "Lead Generation & Telemarketing": "Lead Generation;Telemarketing",
    },
    "Admin Support": {
        "Data Entry & Transcription Services": "Data Entry;General Transcription",
        "Virtual Assistance": "Executive Virtual Assistance;Ecommerce Virtual Assistance",
    },
    "Customer Service": {"Community Management & Tagging": "Content Moderation;Online Community Management"},
    "Data Science & Analytics": {
        "Data Analysis & Testing": "Data Analytics;Data Visualization",
        "AI & Machine Learning": "Machine Learning;Generative AI Modeling",
    },
    "Engineering & Architecture": {"3D Modeling & CAD": "CAD;3D Modeling & Rendering"},
    "IT & Networking": {"DevOps & Solution Architecture": "Cloud Engineering;DevOps Engineering"},
    "Accounting & Consulting": {"Accounting & Bookkeeping": "Bookkeeping;Tax Preparation"},
    "Legal": {"Corporate & Contract Law": "Business & Corporate Law;Intellectual Property Law"},
    "Translation": {"Translation & Localization Services": "Technical Document Translation;Legal Document Translation"},
}
SKILLS = listed(
    "JavaScript;TypeScript;Python;Django;FastAPI;React;Vue.js;Angular;Node.js;CSS 3;HTML5;PHP;Laravel;WordPress;"
    "Shopify;Ruby;Ruby on Rails;Go;Rust;Java;Kotlin;Swift;Flutter;React Native;C#;.NET Framework;C++;SQL;MySQL;"
    "MongoDB;PostgreSQL;Redis;GraphQL;REST API;Docker;Kubernetes;Terraform;Amazon Web Services;Microsoft Azure;"
    "Google Cloud;Linux;Bash Programming;Git;Selenium;Playwright;Manual Testing;Figma;Adobe Photoshop;Illustrator;"
    "Adobe InDesign;Adobe After Effects;Logo Design;Brand Identity;Web Design;UX Research;Illustration;Motion Graphics;"
    "Video Editing;3D Rendering;Blender;AutoCAD;SolidWorks;Copywriting;Blog Writing;Technical Writing;Proofreading;"
    "Editing;Ghostwriting;Research;SEO;Google Ads;Facebook Ads;Email Marketing;Content Strategy;Lead Generation;"
    "Market Research;Data Entry;Microsoft Excel;Google Sheets;Data Analysis;Data Visualization;Tableau;Power BI;"
    "Machine Learning;Deep Learning;Computer Vision;Natural Language Processing;Prompt Engineering;Web Scraping;"
    "Data Engineering;Apache Airflow;Virtual Assistance;Customer Support;Zendesk;Scheduling;Transcription;Bookkeeping;"
    "QuickBooks;Tax Preparation;Financial Modeling;Contract Drafting;Trademark Law;Spanish to English Translation;"
    "Japanese to English Translation;German to English Translation;Localization;Podcast Editing;Audio Mixing;"
    "Voice Over;Project Management;Scrum;Jira;Notion;Landing Page;Email Design"
)
PROJECTS = listed(
    "Landing page redesign;Checkout flow rebuild;Inventory sync service;Brand refresh for a bakery chain;"
    "Quarterly report automation;Mobile app for field inspections;Product photo retouching;Help center rewrite;"
    "Data warehouse migration;Booking calendar plug-in;Customer survey analysis;Onboarding e-mail series;"
    "Warehouse dashboard;Podcast season edit;Tax return clean-up;Kubernetes cost review;Search relevance tuning;"
    "Marketplace scraper;Training video cut;Annual magazine layout;Chat support coverage;Price list translation;"
    "Trademark filing;Bracket CAD model;Chatbot prompt library;Speed audit for a shop;API documentation;"
    "Accessibility review;Social media calendar;Lead list for clinics"
)
PHRASES = listed(
    "Thanks, I will look at it today.;The first draft is in the shared folder.;Could you send the logo as vectors?;"
    "I am done with the header, the footer comes next.;Can we move our call to Thursday?;Looks good to me.;"
    "I found a small problem in the checkout and fixed it.;Please see my notes in the document.;"
    "How many hours do you have this week?;The tests are green now.;I would rather keep the old colours.;"
    "Here is the screenshot you asked for.;Let us talk about the next milestone.;See you on Monday.;"
    "Sorry for the late answer, I was travelling.;Sure, that works for me.;The invoice is on its way.;"
    "Do you prefer one file or several?;I have pushed the changes to the branch.;Perfect, thank you!"
)
TOPICS = ("Landing page", "Weekly plan", "Design review", "Hiring", "Release", "Interview", "Support", None)
LANGUAGES = (
    ("en", "English"), ("es", "Spanish"), ("de", "German"), ("fr", "French"), ("pt", "Portuguese"), ("ja", "Japanese"),
    ("hi", "Hindi"), ("uk", "Ukrainian"), ("pl", "Polish"), ("ar", "Arabic"), ("zh", "Chinese"), ("sw", "Swahili"),
)  # fmt: skip
COUNTRIES = (
    ("US", "USA", "United States", "1", "North America"), ("JP", "JPN", "Japan", "81", "Eastern Asia"),
    ("IN", "IND", "India", "91", "Southern Asia"), ("BR", "BRA", "Brazil", "55", "South America"),
    ("UA", "UKR", "Ukraine", "380", "Eastern Europe"), ("PL", "POL", "Poland", "48", "Eastern Europe"),
    ("PH", "PHL", "Philippines", "63", "Southeast Asia"), ("NG", "NGA", "Nigeria", "234", "Western Africa"),
    ("DE", "DEU", "Germany", "49", "Western Europe"), ("ES", "ESP", "Spain", "34", "Southern Europe"),
    ("PK", "PAK", "Pakistan", "92", "Southern Asia"), ("CA", "CAN", "Canada", "1", "North America"),
    ("AU", "AUS", "Australia", "61", "Oceania"), ("KE", "KEN", "Kenya", "254", "Eastern Africa"),
    ("AR", "ARG", "Argentina", "54", "South America"), ("EG", "EGY", "Egypt", "20", "Northern Africa"),
    ("GB", "GBR", "United Kingdom", "44", "Northern Europe"), ("FR", "FRA", "France", "33", "Western Europe"),
    ("MX", "MEX", "Mexico", "52", "Central America"), ("VN", "VNM", "Vietnam", "84", "Southeast Asia"),
    ("ZA", "ZAF", "South Africa", "27", "Southern Africa"), ("NL", "NLD", "Netherlands", "31", "Western Europe"),
)  # fmt: skip
REGIONS = {
    "Americas": "North America;Central America;South America", "Asia": "Eastern Asia;Southern Asia;Southeast Asia",
    "Europe": "Eastern Europe;Western Europe;Southern Europe;Northern Europe", "Oceania": "",
    "Africa": "Western Africa;Eastern Africa;Northern Africa;Southern Africa",
}  # fmt: skip


def country_name(code: str) -> str:
    """Give the English name of a two-letter country code that a place uses."""
    return next(name for two, _, name, _, _ in COUNTRIES if two == code)


def slug(label: str) -> str:
    """Write a label as the legacy names were written: `Vue.js` becomes `vue-js`."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in label.lower()).split())
